// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/mapping_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::lambda {
namespace {

template <class T>
void replace(T& value, std::optional<T>& with) {
    if (with) value = *std::move(with);
}

Result<void> check_destination(const std::string& text) {
    if (text.empty()) return {};
    const auto arn = model::parse_arn(text);
    const bool is_known =
        arn && (arn->service == "sqs" || arn->service == "sns" || arn->service == "s3");
    if (!is_known)
        return invalid(fmt::format(
            "The provided destination config DestinationConfig(onSuccess=null, "
            "onFailure=OnFailure(destination={})) is invalid. The destination ARN must be that of "
            "an SQS queue, an SNS topic or an S3 bucket.",
            text));
    if (arn->service != "s3" && arn->resource.ends_with(".fifo"))
        return invalid(
            fmt::format("The destination ARN {} is invalid: a FIFO {} cannot be the "
                        "on-failure destination of a stream; use a standard one.",
                        text, arn->service == "sqs" ? "queue" : "topic"));
    return {};
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
Result<void> check_queue_settings(const MappingSettings& settings, const std::string& queue_arn) {
    if (settings.batch_size > 10 && settings.window_seconds == 0)
        return invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            "greater than 10");
    if (settings.window_seconds > 0 && queue_arn.ends_with(".fifo"))
        return invalid("Batching window is not supported for FIFO queues");
    return {};
}

}  // namespace

Failure unsupported_parameter(std::string_view name) {
    return invalid(
        fmt::format("Unsupported {} parameter for given event source mapping type.", name));
}

MappingSettings default_settings(const std::string& source_arn) {
    MappingSettings settings;
    if (is_queue_arn(source_arn)) settings.batch_size = 10;
    return settings;
}

void apply_change(SettingsChange change, MappingSettings& settings) {
    replace(settings.batch_size, change.batch_size);
    replace(settings.window_seconds, change.window_seconds);
    replace(settings.retry_attempts_max, change.retry_attempts_max);
    replace(settings.record_age_seconds_max, change.record_age_seconds_max);
    replace(settings.parallelization_factor, change.parallelization_factor);
    replace(settings.tumbling_window_seconds, change.tumbling_window_seconds);
    replace(settings.bisect_on_error, change.bisect_on_error);
    replace(settings.response_types, change.response_types);
    replace(settings.kms_key_arn, change.kms_key_arn);
    if (change.filter_criteria) {
        settings.filters.clear();
        for (auto& filter :
             change.filter_criteria->filters.value_or(std::vector<FilterOfCriteria>()))
            settings.filters.push_back(std::move(filter.pattern).value_or(""));
    }
    if (change.destination_config) {
        const auto& target = change.destination_config->on_failure;
        settings.on_failure = target ? target->destination.value_or("") : "";
    }
    if (change.scaling_config) settings.max_concurrency = change.scaling_config->max_concurrency;
    if (change.metrics_config)
        settings.metrics = change.metrics_config->metrics.value_or(std::vector<std::string>());
}

Result<void> check_change(const SettingsChange& change, const std::string& source_arn) {
    const auto& destination = change.destination_config;
    if (!is_queue_arn(source_arn)) {
        if (change.scaling_config) return unsupported_parameter("ScalingConfig");
        if (destination && destination->on_success &&
            !destination->on_success->destination.value_or("").empty())
            return unsupported_parameter("DestinationConfig");
        return {};
    }
    const std::pair<std::string_view, bool> of_streams[] = {
        {"ParallelizationFactor", change.parallelization_factor.has_value()},
        {"MaximumRecordAgeInSeconds", change.record_age_seconds_max.has_value()},
        {"BisectBatchOnFunctionError", change.bisect_on_error.has_value()},
        {"MaximumRetryAttempts", change.retry_attempts_max.has_value()},
        {"TumblingWindowInSeconds", change.tumbling_window_seconds.has_value()},
        {"DestinationConfig", destination.has_value()}};
    for (const auto& [name, is_given] : of_streams) {
        if (is_given) return unsupported_parameter(name);
    }
    return {};
}

Result<void> check_settings(const MappingSettings& settings, const std::string& source_arn) {
    const bool of_queue = is_queue_arn(source_arn);
    if (of_queue) MILL_CHECK(check_queue_settings(settings, source_arn));
    const std::int64_t age = settings.record_age_seconds_max;
    if (age >= 0 && age < 60)
        return invalid(
            fmt::format("MaximumRecordAgeInSeconds must be -1, or between 60 and 604800. "
                        "Specified value was {}.",
                        age));
    if (settings.has_windows() && settings.parallelization_factor > 1)
        return invalid(
            "ParallelizationFactor must be 1 when TumblingWindowInSeconds is greater than 0.");
    if (settings.filters.size() > model::filters_max)
        return invalid(
            fmt::format("A mapping has at most {} filters, not {}. Combine patterns "
                        "with lists of values or $or.",
                        model::filters_max, settings.filters.size()));
    using Source = model::EventFilter::Source;
    if (!model::EventFilter::compile(settings.filters, of_queue ? Source::queue : Source::stream))
        return invalid("Invalid filter pattern definition.");
    if (std::ranges::any_of(settings.metrics,
                            [](const auto& name) { return name != "EventCount"; }))
        return unsupported_parameter("MetricsConfig");
    return check_destination(settings.on_failure);
}

}  // namespace mill::lambda
