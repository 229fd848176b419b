// SPDX-License-Identifier: Apache-2.0
// An event source mapping as it is kept in the Table ("lambda/mapping/<uuid>") and as the API shows
// it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/caller.h"
#include "model/batch_window.h"
#include "model/retry_policy.h"
#include "wire/shape.h"

namespace mill::lambda {

// What users set. Ranges:
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
struct MappingSettings {
    std::int64_t batch_size = 100;
    std::int64_t window_seconds = 0;
    std::int64_t retry_attempts_max = -1;
    std::int64_t record_age_seconds_max = -1;
    bool bisect_on_error = false;
    std::vector<std::string> response_types;

    static constexpr auto shape() {
        return wire::structure(
            "MappingSettings", wire::member<&MappingSettings::batch_size>("BatchSize"),
            wire::member<&MappingSettings::window_seconds>("WindowSeconds"),
            wire::member<&MappingSettings::retry_attempts_max>("RetryAttemptsMax"),
            wire::member<&MappingSettings::record_age_seconds_max>("RecordAgeSecondsMax"),
            wire::member<&MappingSettings::bisect_on_error>("BisectOnError"),
            wire::member<&MappingSettings::response_types>("ResponseTypes"));
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
};

struct Mapping {
    std::string uuid;
    std::string account;
    std::string region;
    std::string source_arn;
    std::string function_arn;
    std::string starting_position;
    std::optional<WallTime> starting_time;
    MappingSettings settings;
    bool enabled = true;
    // "Creating" and the like while a change is under way; a restart finishes the change.
    std::string state = "Creating";
    WallTime last_modified;

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
            wire::member<&Mapping::last_modified>("LastModified"));
    }
};

// EventSourceMappingConfiguration of the API.
struct MappingDescription {
    std::string uuid;
    std::string mapping_arn;
    std::string source_arn;
    std::string function_arn;
    std::string starting_position;
    std::optional<WallTime> starting_time;
    std::int64_t batch_size = 0;
    std::int64_t window_seconds = 0;
    std::int64_t parallelization_factor = 1;
    std::int64_t retry_attempts_max = -1;
    std::int64_t record_age_seconds_max = -1;
    std::int64_t tumbling_window_seconds = 0;
    bool bisect_on_error = false;
    wire::Value destination_config;
    std::vector<std::string> response_types;
    WallTime last_modified;
    std::string last_processing_result;
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
            wire::member<&D::record_age_seconds_max>("MaximumRecordAgeInSeconds"),
            wire::member<&D::bisect_on_error>("BisectBatchOnFunctionError"),
            wire::member<&D::retry_attempts_max>("MaximumRetryAttempts"),
            wire::member<&D::tumbling_window_seconds>("TumblingWindowInSeconds"),
            wire::member<&D::response_types>("FunctionResponseTypes"),
            wire::member<&D::mapping_arn>("EventSourceMappingArn"));
    }
};

}  // namespace mill::lambda
