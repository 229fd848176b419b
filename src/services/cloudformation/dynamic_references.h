// SPDX-License-Identifier: Apache-2.0
// "{{resolve:ssm:name:version}}" in the values of a template: read when a resource is made or
// changed. Secure strings and secrets are refused. Pure: values come from References.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
#pragma once

#include <string>
#include <string_view>

#include "services/cloudformation/intrinsics.h"

namespace mill::cloudformation {

inline constexpr std::string_view dynamic_mark = "{{resolve:";

// The text with the values in the places of the references.
Result<std::string> with_dynamic_values(std::string_view text, const References& references);
// "SSM Secure reference is not supported in: [AWS::Lambda::Function/Properties/Environment]": no
// property that Millrace makes takes any.
Result<void> check_secure_references(const wire::Value& document);

}  // namespace mill::cloudformation
