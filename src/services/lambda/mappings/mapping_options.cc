// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/mapping_options.h"

namespace mill::lambda {

Result<void> check_settings(const MappingSettings& settings) {
    const std::int64_t age = settings.record_age_seconds_max;
    if (age >= 0 && age < 60) {
        return fail(
            "InvalidParameterValueException",
            "MaximumRecordAgeInSeconds must be -1, or between 60 and 604800. Specified value was " +
                std::to_string(age) + ".",
            400);
    }
    return {};
}

}  // namespace mill::lambda
