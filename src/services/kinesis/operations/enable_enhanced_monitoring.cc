// SPDX-License-Identifier: Apache-2.0
// EnableEnhancedMonitoring: switches shard-level metrics on in the description.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_EnableEnhancedMonitoring.html
#include "services/kinesis/kinesis.h"
#include "services/kinesis/monitoring.h"

namespace mill::kinesis {
namespace {

Task<Result<EnhancedMonitoringOutput>> enable_enhanced_monitoring(Kinesis& kinesis, Caller caller,
                                                                  EnhancedMonitoringInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    EnhancedMonitoringOutput output{
        .stream_name = stream->row().name,
        .current_shard_level_metrics = stream->row().shard_level_metrics,
        .desired_shard_level_metrics = {},
        .stream_arn = stream->row().arn()};
    const auto change = [named = *input.shard_level_metrics](StreamRow& row) -> Result<void> {
        MILL_CHECK(check_active(row));
        row.shard_level_metrics = switched(row.shard_level_metrics, named, true);
        return {};
    };
    MILL_CO_CHECK(co_await kinesis.change_row(stream, change));
    output.desired_shard_level_metrics = stream->row().shard_level_metrics;
    co_return output;
}

}  // namespace

extern const wire::Operation enable_enhanced_monitoring_operation;
const wire::Operation enable_enhanced_monitoring_operation =
    wire::operation<&enable_enhanced_monitoring>("EnableEnhancedMonitoring");

}  // namespace mill::kinesis
