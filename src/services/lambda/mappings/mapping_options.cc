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

}  // namespace

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
    if (change.metrics_config)
        settings.metrics = change.metrics_config->metrics.value_or(std::vector<std::string>());
}

Result<void> check_change(const SettingsChange& change) {
    const auto& destination = change.destination_config;
    if (destination && destination->on_success &&
        !destination->on_success->destination.value_or("").empty())
        return invalid(
            "Unsupported DestinationConfig parameter for given event source mapping type.");
    return {};
}

Result<void> check_settings(const MappingSettings& settings) {
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
    if (!model::EventFilter::compile(settings.filters))
        return invalid("Invalid filter pattern definition.");
    if (std::ranges::any_of(settings.metrics,
                            [](const auto& name) { return name != "EventCount"; }))
        return invalid("Unsupported MetricsConfig parameter for given event source mapping type.");
    return check_destination(settings.on_failure);
}

}  // namespace mill::lambda
