// SPDX-License-Identifier: Apache-2.0
// UpdateStreamWarmThroughput: what a stream is ready for, with --limits aws; else nothing here
// needs warming. For streams on demand of an account that has committed to a minimum
// (UpdateAccountSettings). Answered once the stream is durably UPDATING.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamWarmThroughput.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct UpdateStreamWarmThroughputInput {
    std::optional<std::string> stream_arn;
    std::optional<std::string> stream_name;
    std::optional<std::int64_t> warm_throughput_mibps;

    static constexpr auto shape() {
        using I = UpdateStreamWarmThroughputInput;
        return wire::structure("UpdateStreamWarmThroughputInput",
                               stream_arn_member<&I::stream_arn>(),
                               stream_name_member<&I::stream_name>(),
                               wire::member<&I::warm_throughput_mibps>("WarmThroughputMiBps")
                                   .required()
                                   .range(0, wire::unbounded_above));
    }
};

struct UpdateStreamWarmThroughputOutput {
    std::string stream_arn;
    std::string stream_name;
    WarmThroughput warm_throughput;

    static constexpr auto shape() {
        using O = UpdateStreamWarmThroughputOutput;
        return wire::structure("UpdateStreamWarmThroughputOutput",
                               wire::member<&O::stream_arn>("StreamARN"),
                               wire::member<&O::stream_name>("StreamName"),
                               wire::member<&O::warm_throughput>("WarmThroughput"));
    }
};

Task<Result<UpdateStreamWarmThroughputOutput>> update_stream_warm_throughput(
    Kinesis& kinesis, Caller caller, UpdateStreamWarmThroughputInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    const std::int64_t mibps = *input.warm_throughput_mibps;
    const auto decide = [&kinesis, mibps](const StreamRow& row) -> Result<StreamUpdate> {
        MILL_CHECK(kinesis.check_warm_throughput(row, mibps));
        MILL_CHECK(check_active(row));
        return StreamUpdate{.warm_mibps = mibps};
    };
    MILL_CO_CHECK(co_await kinesis.update_stream(stream, decide));
    const StreamRow& row = stream->row();
    co_return UpdateStreamWarmThroughputOutput{row.arn(), row.name, {mibps, row.warm_mibps}};
}

}  // namespace

extern const wire::Operation update_stream_warm_throughput_operation;
const wire::Operation update_stream_warm_throughput_operation =
    wire::operation<&update_stream_warm_throughput>("UpdateStreamWarmThroughput");

}  // namespace mill::kinesis
