// SPDX-License-Identifier: Apache-2.0
// The transform AWS::LanguageExtensions: Fn::ForEach written out, functions in the arguments of Ref
// and Fn::GetAtt and in DeletionPolicy and UpdateReplacePolicy carried out. Fn::Length,
// Fn::ToJsonString and the default of Fn::FindInMap are known with it and carried out with the
// other functions (more_functions.h). Pure.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
#pragma once

#include <string_view>

#include "base/result.h"
#include "services/cloudformation/intrinsics.h"
#include "wire/value.h"

namespace mill::cloudformation {

inline constexpr std::string_view language_extensions_name = "AWS::LanguageExtensions";
inline constexpr std::string_view for_each_prefix = "Fn::ForEach::";

// `parameters` knows parameters and pseudo parameters, no resources. ValidationError "Transform
// AWS::LanguageExtensions failed with: ...".
Result<wire::Value> language_extensions(wire::Value document, const References& parameters);

}  // namespace mill::cloudformation
