// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/mapping_options.h"

namespace mill::lambda {
namespace {

Failure unsupported(const std::string& what) {
    return fail("InvalidParameterValueException",
                "Millrace does not support " + what +
                    " of event source mappings yet. Remove it and try again.",
                400);
}

bool has_filters(const wire::Value& criteria) {
    const wire::Value* filters = criteria.find("Filters");
    return filters && filters->items() && !filters->items()->empty();
}

bool has_destination(const wire::Value& config) {
    for (const char* side : {"OnFailure", "OnSuccess"}) {
        const wire::Value* destination = config.find(side);
        if (destination && destination->find("Destination")) return true;
    }
    return false;
}

}  // namespace

Result<void> refuse_pending(const PendingOptions& options) {
    if (options.parallelization_factor.value_or(1) != 1)
        return unsupported("ParallelizationFactor greater than 1");
    if (options.tumbling_window_seconds.value_or(0) != 0)
        return unsupported("TumblingWindowInSeconds");
    if (options.filter_criteria && has_filters(*options.filter_criteria))
        return unsupported("FilterCriteria");
    if (options.destination_config && has_destination(*options.destination_config)) {
        return unsupported("DestinationConfig");
    }
    return {};
}

Result<void> check_settings(const MappingSettings& settings) {
    const std::int64_t age = settings.record_age_seconds_max;
    if (age >= 0 && age < 60) {
        return fail(
            "InvalidParameterValueException",
            "MaximumRecordAgeInSeconds must be -1, or between 60 and 604800. Specified value was " +
                std::to_string(age) + ".",
            400);
    }
    for (const std::string& type : settings.response_types) {
        if (type != "ReportBatchItemFailures") {
            return fail(
                "ValidationException",
                "1 validation error detected: Value '[" + type +
                    "]' at 'functionResponseTypes' failed to satisfy constraint: Member must "
                    "satisfy "
                    "constraint: [Member must satisfy enum value set: [ReportBatchItemFailures]]",
                400);
        }
    }
    return {};
}

}  // namespace mill::lambda
