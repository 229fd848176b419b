// SPDX-License-Identifier: Apache-2.0
// An event source mapping as it is kept in the Table ("lambda/mapping/<uuid>") and as the API shows
// it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/caller.h"
#include "model/arn.h"
#include "model/batch_window.h"
#include "model/event_filter.h"
#include "model/retry_policy.h"
#include "wire/shape.h"

namespace mill::lambda {

inline constexpr std::string_view metric_values[] = {"EventCount", "ErrorCount", "KafkaMetrics"};
inline constexpr std::string_view destination_pattern =
    "$|kafka://"
    "([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}((-"
    "gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";

// What users set. Ranges:
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
struct MappingSettings {
    std::int64_t batch_size = 100;
    std::int64_t window_seconds = 0;
    std::int64_t retry_attempts_max = -1;
    std::int64_t record_age_seconds_max = -1;
    bool bisect_on_error = false;
    std::vector<std::string> response_types;
    std::int64_t parallelization_factor = 1;
    std::int64_t tumbling_window_seconds = 0;
    std::vector<std::string> filters;  // patterns; as they were given
    std::string on_failure;            // ARN of a queue, topic or bucket; empty: none
    std::string kms_key_arn;
    std::vector<std::string> metrics;
    std::optional<std::int64_t> max_concurrency = {};  // of a queue's batches

    static constexpr auto shape() {
        return wire::structure(
            "MappingSettings", wire::member<&MappingSettings::batch_size>("BatchSize"),
            wire::member<&MappingSettings::window_seconds>("WindowSeconds"),
            wire::member<&MappingSettings::retry_attempts_max>("RetryAttemptsMax"),
            wire::member<&MappingSettings::record_age_seconds_max>("RecordAgeSecondsMax"),
            wire::member<&MappingSettings::bisect_on_error>("BisectOnError"),
            wire::member<&MappingSettings::response_types>("ResponseTypes"),
            wire::member<&MappingSettings::parallelization_factor>("ParallelizationFactor"),
            wire::member<&MappingSettings::tumbling_window_seconds>("TumblingWindowSeconds"),
            wire::member<&MappingSettings::filters>("Filters"),
            wire::member<&MappingSettings::on_failure>("OnFailure"),
            wire::member<&MappingSettings::kms_key_arn>("KMSKeyArn"),
            wire::member<&MappingSettings::metrics>("Metrics"),
            wire::member<&MappingSettings::max_concurrency>("MaximumConcurrency"));
    }
    model::BatchLimits batch_limits() const {
        return {.records_max = static_cast<std::uint32_t>(batch_size),
                .window = std::chrono::seconds(window_seconds)};
    }
    model::RetryPolicy retry_policy() const {
        return {.retry_attempts_max = retry_attempts_max,
                .record_age_max_s = record_age_seconds_max,
                .bisect_on_error = bisect_on_error,
                .report_item_failures = !response_types.empty()};
    }
    bool has_windows() const { return tumbling_window_seconds > 0; }
};

inline bool is_queue_arn(const std::string& text) {
    const auto arn = model::parse_arn(text);
    return arn && arn->service == "sqs";
}

struct Mapping {
    std::string uuid;
    std::string account;
    std::string region;
    std::string source_arn;
    std::string function_arn;
    std::string starting_position;  // of a stream
    std::optional<WallTime> starting_time;
    MappingSettings settings;
    bool enabled = true;
    // "Creating" and the like while a change is under way; a restart finishes the change.
    std::string state = "Creating";
    WallTime last_modified;
    std::map<std::string, std::string> tags;

    std::string arn() const {
        return model::arn_of({.account = account, .region = region}, "lambda",
                             "event-source-mapping:" + uuid)
            .text();
    }
    bool reads_queue() const { return is_queue_arn(source_arn); }
    // Of the source, which may be one of its consumers.
    std::string stream_arn() const { return source_arn.substr(0, source_arn.find("/consumer/")); }
    bool reads_as_consumer() const { return source_arn.find("/consumer/") != std::string::npos; }

    static constexpr auto shape() {
        return wire::structure(
            "Mapping", wire::member<&Mapping::uuid>("UUID"),
            wire::member<&Mapping::account>("Account"), wire::member<&Mapping::region>("Region"),
            wire::member<&Mapping::source_arn>("EventSourceArn"),
            wire::member<&Mapping::function_arn>("FunctionArn"),
            wire::member<&Mapping::starting_position>("StartingPosition"),
            wire::member<&Mapping::starting_time>("StartingPositionTimestamp"),
            wire::member<&Mapping::settings>("Settings"),
            wire::member<&Mapping::enabled>("Enabled"), wire::member<&Mapping::state>("State"),
            wire::member<&Mapping::last_modified>("LastModified"),
            wire::member<&Mapping::tags>("Tags"));
    }
};

// Of the API: FilterCriteria, DestinationConfig, MetricsConfig.
struct FilterOfCriteria {
    std::optional<std::string> pattern;
    static constexpr auto shape() {
        return wire::structure("Filter", wire::member<&FilterOfCriteria::pattern>("Pattern")
                                             .length(0, model::filter_pattern_characters_max)
                                             .pattern(".*"));
    }
};
struct FilterCriteria {
    std::optional<std::vector<FilterOfCriteria>> filters;
    static constexpr auto shape() {
        return wire::structure("FilterCriteria", wire::member<&FilterCriteria::filters>("Filters"));
    }
};
struct FailureTarget {
    std::optional<std::string> destination;
    static constexpr auto shape() {
        return wire::structure("OnFailure", wire::member<&FailureTarget::destination>("Destination")
                                                .length(0, 350)
                                                .pattern(destination_pattern));
    }
};
struct DestinationConfig {
    std::optional<FailureTarget> on_failure;
    std::optional<FailureTarget> on_success;
    static constexpr auto shape() {
        return wire::structure("DestinationConfig",
                               wire::member<&DestinationConfig::on_success>("OnSuccess"),
                               wire::member<&DestinationConfig::on_failure>("OnFailure"));
    }
};
struct MetricsConfig {
    std::optional<std::vector<std::string>> metrics;
    static constexpr auto shape() {
        return wire::structure(
            "EventSourceMappingMetricsConfig",
            wire::member<&MetricsConfig::metrics>("Metrics").one_of(metric_values).length(0, 3));
    }
};
struct ScalingConfig {
    std::optional<std::int64_t> max_concurrency;
    static constexpr auto shape() {
        return wire::structure(
            "ScalingConfig",
            wire::member<&ScalingConfig::max_concurrency>("MaximumConcurrency").range(2, 1000));
    }
};

// EventSourceMappingConfiguration of the API. Those of streams are absent of queues.
struct MappingDescription {
    std::string uuid;
    std::string mapping_arn;
    std::string source_arn;
    std::string function_arn;
    std::optional<std::string> starting_position;
    std::optional<WallTime> starting_time;
    std::int64_t batch_size = 0;
    std::int64_t window_seconds = 0;
    std::optional<std::int64_t> parallelization_factor, retry_attempts_max, record_age_seconds_max,
        tumbling_window_seconds;
    std::optional<bool> bisect_on_error;
    std::optional<DestinationConfig> destination_config;
    std::optional<ScalingConfig> scaling_config;
    std::optional<FilterCriteria> filter_criteria;
    std::optional<std::string> kms_key_arn;
    std::optional<MetricsConfig> metrics_config;
    std::vector<std::string> response_types;
    WallTime last_modified;
    std::optional<std::string> last_processing_result;
    std::string state;
    std::string state_transition_reason = "User action";

    static constexpr auto shape() {
        using D = MappingDescription;
        return wire::structure(
            "EventSourceMappingConfiguration", wire::member<&D::uuid>("UUID"),
            wire::member<&D::starting_position>("StartingPosition"),
            wire::member<&D::starting_time>("StartingPositionTimestamp"),
            wire::member<&D::batch_size>("BatchSize"),
            wire::member<&D::window_seconds>("MaximumBatchingWindowInSeconds"),
            wire::member<&D::parallelization_factor>("ParallelizationFactor"),
            wire::member<&D::source_arn>("EventSourceArn"),
            wire::member<&D::function_arn>("FunctionArn"),
            wire::member<&D::last_modified>("LastModified"),
            wire::member<&D::last_processing_result>("LastProcessingResult"),
            wire::member<&D::state>("State"),
            wire::member<&D::state_transition_reason>("StateTransitionReason"),
            wire::member<&D::destination_config>("DestinationConfig"),
            wire::member<&D::scaling_config>("ScalingConfig"),
            wire::member<&D::record_age_seconds_max>("MaximumRecordAgeInSeconds"),
            wire::member<&D::bisect_on_error>("BisectBatchOnFunctionError"),
            wire::member<&D::retry_attempts_max>("MaximumRetryAttempts"),
            wire::member<&D::tumbling_window_seconds>("TumblingWindowInSeconds"),
            wire::member<&D::response_types>("FunctionResponseTypes"),
            wire::member<&D::filter_criteria>("FilterCriteria"),
            wire::member<&D::kms_key_arn>("KMSKeyArn"),
            wire::member<&D::metrics_config>("MetricsConfig"),
            wire::member<&D::mapping_arn>("EventSourceMappingArn"));
    }
};

}  // namespace mill::lambda
