// SPDX-License-Identifier: Apache-2.0
// UpdateStreamMode: from PROVISIONED to ON_DEMAND and back; the shards stay as they are. Answered
// once the stream is durably UPDATING. The mode that the stream has already changes nothing.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct UpdateStreamModeInput {
    std::optional<std::string> stream_arn;
    std::optional<StreamModeDetails> stream_mode_details;
    std::optional<std::int64_t> warm_throughput_mibps;

    static constexpr auto shape() {
        using I = UpdateStreamModeInput;
        return wire::structure(
            "UpdateStreamModeInput", stream_arn_member<&I::stream_arn>().required(),
            wire::member<&I::stream_mode_details>("StreamModeDetails").required(),
            wire::member<&I::warm_throughput_mibps>("WarmThroughputMiBps")
                .range(0, wire::unbounded_above));
    }
};

Task<Result<wire::Empty>> update_stream_mode(Kinesis& kinesis, Caller,
                                             UpdateStreamModeInput input) {
    MILL_CO_TRY(const auto stream, kinesis.find_stream(*input.stream_arn));
    MILL_CO_CHECK(co_await kinesis.update_mode(stream, *input.stream_mode_details->stream_mode,
                                               input.warm_throughput_mibps));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation update_stream_mode_operation;
const wire::Operation update_stream_mode_operation =
    wire::operation<&update_stream_mode>("UpdateStreamMode");

}  // namespace mill::kinesis
