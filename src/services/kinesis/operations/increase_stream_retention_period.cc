// SPDX-License-Identifier: Apache-2.0
// IncreaseStreamRetentionPeriod: holds from the next read on.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct IncreaseStreamRetentionPeriodInput {
    std::optional<std::int64_t> retention_period_hours;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = IncreaseStreamRetentionPeriodInput;
        return wire::structure(
            "IncreaseStreamRetentionPeriodInput",
            wire::member<&I::retention_period_hours>("RetentionPeriodHours").required(),
            stream_name_member<&I::stream_name>(), stream_arn_member<&I::stream_arn>());
    }
};

Task<Result<wire::Empty>> increase_stream_retention_period(
    Kinesis& kinesis, Caller caller, IncreaseStreamRetentionPeriodInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    MILL_CO_CHECK(
        co_await kinesis.increase_retention(std::move(stream), *input.retention_period_hours));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation increase_stream_retention_period_operation;
const wire::Operation increase_stream_retention_period_operation =
    wire::operation<&increase_stream_retention_period>("IncreaseStreamRetentionPeriod");

}  // namespace mill::kinesis
