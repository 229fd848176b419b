// SPDX-License-Identifier: Apache-2.0
// What Parameter Store takes and refuses. Pure.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
#pragma once

#include <string_view>

#include "services/ssm/ssm.h"

namespace mill::ssm {

constexpr std::int64_t versions_max = 100;
constexpr std::size_t labels_max = 10;  // of one version

Failure invalid(std::string message);
// The name in what a request gives, an ARN of a parameter too: "b" in the one of "/b" as well.
std::string plain_name(std::string_view text);
Result<void> check_new_name(const std::string& name);
// The version that a draft makes, after the one before if there is one.
Result<Version> next_version(const Draft& draft, const Parameter* before);
// The number of a version; empty if it is something else, as a label.
std::optional<std::int64_t> number_in(std::string_view text);
bool is_label(std::string_view label);
Result<void> check_tags(const Tags& tags);

}  // namespace mill::ssm
