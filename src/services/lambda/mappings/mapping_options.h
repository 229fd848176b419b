// SPDX-License-Identifier: Apache-2.0
// What the operations on mappings say of their members.
#pragma once

#include <string_view>

#include "services/lambda/mappings/mapping.h"

namespace mill::lambda {

inline constexpr std::string_view source_arn_pattern =
    "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";
inline constexpr std::string_view kms_key_arn_pattern = "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";
inline constexpr std::string_view response_type_values[] = {"ReportBatchItemFailures"};

// A member that belongs to other sources than Kinesis and SQS.
constexpr wire::Member of_other_source(std::string_view name) {
    return wire::refused(name, "Unsupported {} parameter for given event source mapping type.")
        .as_aws_does("InvalidParameterValueException");
}

// InvalidParameterValueException, as requests about mappings are refused.
inline Failure invalid(std::string message) {
    return fail("InvalidParameterValueException", std::move(message), 400);
}

// "Unsupported X parameter for given event source mapping type."
Failure unsupported_parameter(std::string_view name);

// What an update says; the rest stays as it is.
struct SettingsChange {
    std::optional<std::int64_t> batch_size = {}, window_seconds = {}, retry_attempts_max = {},
                                record_age_seconds_max = {}, parallelization_factor = {},
                                tumbling_window_seconds = {};
    std::optional<bool> bisect_on_error = {};
    std::optional<std::vector<std::string>> response_types = {};
    std::optional<FilterCriteria> filter_criteria = {};
    std::optional<DestinationConfig> destination_config = {};
    std::optional<std::string> kms_key_arn = {};
    std::optional<MetricsConfig> metrics_config = {};
    std::optional<ScalingConfig> scaling_config = {};
};
void apply_change(SettingsChange change, MappingSettings& settings);
// What a request says that settings of such a source cannot hold.
Result<void> check_change(const SettingsChange& change, const std::string& source_arn);

// What no range of a shape says, in AWS's words where they are known.
Result<void> check_settings(const MappingSettings& settings, const std::string& source_arn);
// Of a mapping that says nothing itself.
MappingSettings default_settings(const std::string& source_arn);

}  // namespace mill::lambda
