// SPDX-License-Identifier: Apache-2.0
// DisableEnhancedMonitoring: switches shard-level metrics off in the description.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DisableEnhancedMonitoring.html
#include "services/kinesis/monitoring.h"

namespace mill::kinesis {
namespace {

Task<Result<EnhancedMonitoringOutput>> disable_enhanced_monitoring(Kinesis& kinesis, Caller caller,
                                                                   EnhancedMonitoringInput input) {
    co_return co_await switch_metrics(kinesis, std::move(caller), std::move(input), false);
}

}  // namespace

extern const wire::Operation disable_enhanced_monitoring_operation;
const wire::Operation disable_enhanced_monitoring_operation =
    wire::operation<&disable_enhanced_monitoring>("DisableEnhancedMonitoring");

}  // namespace mill::kinesis
