// SPDX-License-Identifier: Apache-2.0
// EnableEnhancedMonitoring: switches shard-level metrics on in the description.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_EnableEnhancedMonitoring.html
#include "services/kinesis/monitoring.h"

namespace mill::kinesis {
namespace {

Task<Result<EnhancedMonitoringOutput>> enable_enhanced_monitoring(Kinesis& kinesis, Caller caller,
                                                                  EnhancedMonitoringInput input) {
    co_return co_await switch_metrics(kinesis, std::move(caller), std::move(input), true);
}

}  // namespace

extern const wire::Operation enable_enhanced_monitoring_operation;
const wire::Operation enable_enhanced_monitoring_operation =
    wire::operation<&enable_enhanced_monitoring>("EnableEnhancedMonitoring");

}  // namespace mill::kinesis
