// SPDX-License-Identifier: Apache-2.0
// Shapes and the rule of EnableEnhancedMonitoring and DisableEnhancedMonitoring.
#pragma once

#include <algorithm>

#include "services/kinesis/descriptions.h"

namespace mill::kinesis {

struct EnhancedMonitoringInput {
    std::optional<std::vector<std::string>> shard_level_metrics;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = EnhancedMonitoringInput;
        return wire::structure("EnhancedMonitoringInput",
                               wire::member<&I::shard_level_metrics>("ShardLevelMetrics")
                                   .required()
                                   .length(1, limits::kinesis::shard_level_metrics_max)
                                   .one_of(shard_level_metric_names),
                               stream_name_member<&I::stream_name>(),
                               stream_arn_member<&I::stream_arn>());
    }
};

struct EnhancedMonitoringOutput {
    std::string stream_name;
    std::vector<std::string> current_shard_level_metrics;
    std::vector<std::string> desired_shard_level_metrics;
    std::string stream_arn;

    static constexpr auto shape() {
        using O = EnhancedMonitoringOutput;
        return wire::structure(
            "EnhancedMonitoringOutput", wire::member<&O::stream_name>("StreamName"),
            wire::member<&O::current_shard_level_metrics>("CurrentShardLevelMetrics"),
            wire::member<&O::desired_shard_level_metrics>("DesiredShardLevelMetrics"),
            wire::member<&O::stream_arn>("StreamARN"));
    }
};

// `metrics` with those of `named` switched, in the order of AWS's list; ALL names every one.
inline std::vector<std::string> switched(const std::vector<std::string>& metrics,
                                         const std::vector<std::string>& named, bool is_on) {
    const bool is_all = std::ranges::find(named, "ALL") != named.end();
    std::vector<std::string> result;
    for (const std::string_view name : shard_level_metric_names) {
        if (name == "ALL") continue;
        const bool is_named = is_all || std::ranges::find(named, name) != named.end();
        if (is_named ? is_on : (std::ranges::find(metrics, name) != metrics.end()))
            result.emplace_back(name);
    }
    return result;
}

}  // namespace mill::kinesis
