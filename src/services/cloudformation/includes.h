// SPDX-License-Identifier: Apache-2.0
// The transform AWS::Include: parts of a template that are other objects of our own S3, as
// {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/key"}}} among
// the members of a map, or as an entry of the section Transform. Pure: what the objects say comes
// from outside.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/intrinsics.h"
#include "wire/value.h"

namespace mill::cloudformation {

inline constexpr std::string_view include_name = "AWS::Include";
inline constexpr std::string_view transform_function = "Fn::Transform";

// What the objects say, by location.
using Snippets = std::map<std::string, wire::Value, std::less<>>;

// Whether the template has an Fn::Transform or includes something as a whole.
bool has_includes(const wire::Value& document);
// Whether anything in it is to be replaced: what it comes to is worth a look beforehand.
bool uses_macros(const wire::Value& document);
// The locations that it names, by parameters at most. Other macros are refused by name.
Result<std::vector<std::string>> include_locations(const wire::Value& document,
                                                   const References& parameters);
// The template with the snippets in their places; members that are there already win.
Result<wire::Value> with_includes(wire::Value document, const Snippets& snippets,
                                  const References& parameters);
// "No transform named X found", with what there is.
Failure no_such_transform(std::string_view name);

}  // namespace mill::cloudformation
