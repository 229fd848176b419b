// SPDX-License-Identifier: Apache-2.0
// What the operations on mappings say of their members.
#pragma once

#include <string_view>

#include "services/lambda/mappings/mapping.h"

namespace mill::lambda {

inline constexpr std::string_view kinesis_only = "Only Kinesis streams feed functions.";
inline constexpr std::string_view source_arn_pattern =
    "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";

inline constexpr std::string_view response_type_values[] = {"ReportBatchItemFailures"};

// What no range of a shape says: ages of 1 to 59 s.
Result<void> check_settings(const MappingSettings& settings);

}  // namespace mill::lambda
