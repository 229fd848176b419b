// SPDX-License-Identifier: Apache-2.0
// What can be said of a template's functions before they are carried out: that there are such, and
// that their arguments have the right form. A stack whose template is wrong is not begun. Pure.
#pragma once

#include "services/cloudformation/intrinsics.h"

namespace mill::cloudformation {

// In AWS's words, behind "Template error: ".
inline constexpr std::string_view join_misuse =
    "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of "
    "strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be "
    "joined.";
inline constexpr std::string_view select_misuse =
    "Fn::Select requires a list argument with two elements: an integer index and a list";
inline constexpr std::string_view split_misuse =
    "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be "
    "split or a function that returns a string to be split.";
inline constexpr std::string_view find_in_map_misuse =
    "every Fn::FindInMap object requires three parameters, the map name, map key and the "
    "attribute for return value";
inline constexpr std::string_view if_misuse =
    "Fn::If requires a list argument with the first element being a condition";
inline constexpr std::string_view base64_misuse =
    "every Fn::Base64 object must have a String-typed value.";
inline constexpr std::string_view get_azs_misuse =
    "every Fn::GetAZs object must have a String-typed value: a region, or \"\" for the stack's.";
inline constexpr std::string_view cidr_misuse =
    "every Fn::Cidr object requires three parameters, (1) an address block such as 10.0.0.0/16, "
    "(2) the number of blocks to make of it and (3) the number of bits of each.";
inline constexpr std::string_view length_misuse =
    "every Fn::Length object requires a list or a function that returns a list.";
inline constexpr std::string_view to_json_string_misuse =
    "every Fn::ToJsonString object requires an object or a list.";

// Of Resources and Outputs. The functions of AWS::LanguageExtensions are known only with that
// transform.
Result<void> check_functions(const wire::Value& document, bool has_extensions);

}  // namespace mill::cloudformation
