// SPDX-License-Identifier: Apache-2.0
// UpdateMaxRecordSize: holds from the next record on.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateMaxRecordSize.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct UpdateMaxRecordSizeInput {
    std::optional<std::string> stream_arn;
    std::optional<std::int64_t> max_record_size_in_kib;

    static constexpr auto shape() {
        using I = UpdateMaxRecordSizeInput;
        return wire::structure(
            "UpdateMaxRecordSizeInput", stream_arn_member<&I::stream_arn>(),
            wire::member<&I::max_record_size_in_kib>("MaxRecordSizeInKiB")
                .required()
                .range(limits::kinesis::record_kib_default, limits::kinesis::record_kib_max));
    }
};

Task<Result<wire::Empty>> update_max_record_size(Kinesis& kinesis, Caller,
                                                 UpdateMaxRecordSizeInput input) {
    if (!input.stream_arn) co_return invalid_argument("StreamARN should be provided.");
    MILL_CO_TRY(auto stream, kinesis.find_stream(*input.stream_arn));
    const auto change = [kib = *input.max_record_size_in_kib](StreamRow& row) -> Result<void> {
        MILL_CHECK(check_active(row));
        row.record_kib_max = kib;
        return {};
    };
    MILL_CO_CHECK(co_await kinesis.change_row(std::move(stream), change));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation update_max_record_size_operation;
const wire::Operation update_max_record_size_operation =
    wire::operation<&update_max_record_size>("UpdateMaxRecordSize");

}  // namespace mill::kinesis
