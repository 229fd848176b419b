// SPDX-License-Identifier: Apache-2.0
// What EnableEnhancedMonitoring and DisableEnhancedMonitoring are made of.
#pragma once

#include <algorithm>

#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

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

inline Task<Result<EnhancedMonitoringOutput>> switch_metrics(Kinesis& kinesis, Caller caller,
                                                             EnhancedMonitoringInput input,
                                                             bool is_on) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    EnhancedMonitoringOutput output{
        .stream_name = stream->row().name,
        .current_shard_level_metrics = stream->row().shard_level_metrics,
        .desired_shard_level_metrics = {},
        .stream_arn = stream->row().arn()};
    const auto change = [named = *input.shard_level_metrics, is_on](StreamRow& row) {
        auto active = check_active(row);
        if (active) row.shard_level_metrics = switched(row.shard_level_metrics, named, is_on);
        return active;
    };
    MILL_CO_CHECK(co_await kinesis.change_row(stream, change));
    output.desired_shard_level_metrics = stream->row().shard_level_metrics;
    co_return output;
}

}  // namespace mill::kinesis
