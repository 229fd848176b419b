// SPDX-License-Identifier: Apache-2.0
// The options of a mapping that Millrace does not carry out yet. Each is refused with a sentence,
// never ignored.
#pragma once

#include <optional>

#include "services/lambda/mappings/mapping.h"

namespace mill::lambda {

struct PendingOptions {
    std::optional<std::int64_t> parallelization_factor;
    std::optional<std::int64_t> tumbling_window_seconds;
    std::optional<wire::Value> filter_criteria;
    std::optional<wire::Value> destination_config;
};

// InvalidParameterValueException naming the option, unless all are absent or at their defaults.
Result<void> refuse_pending(const PendingOptions& options);

// What no range of a shape says: ages of 1 to 59 s, unknown response types.
Result<void> check_settings(const MappingSettings& settings);

}  // namespace mill::lambda
