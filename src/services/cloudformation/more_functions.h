// SPDX-License-Identifier: Apache-2.0
// Intrinsic functions that make lists and texts of their own: Fn::GetAZs, Fn::Cidr, and of the
// transform AWS::LanguageExtensions Fn::Length and Fn::ToJsonString. Pure; evaluate() calls them.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
#pragma once

#include "services/cloudformation/intrinsics.h"

namespace mill::cloudformation {

// The names of a region's zones, "us-east-1a" and on. There is nothing in them here.
wire::Value::List availability_zones(const std::string& region);

using Evaluated = Result<std::optional<wire::Value>>;
Evaluated do_get_azs(const wire::Value& argument, const Context& context);
Evaluated do_cidr(const wire::Value& argument, const Context& context);
Evaluated do_length(const wire::Value& argument, const Context& context);
Evaluated do_to_json_string(const wire::Value& argument, const Context& context);

}  // namespace mill::cloudformation
