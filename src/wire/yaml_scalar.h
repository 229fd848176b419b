// SPDX-License-Identifier: Apache-2.0
// What a plain (unquoted) YAML scalar means.
//
// YAML 1.1 as CloudFormation reads it: null, booleans (yes/no/on/off too), integers, floating-point
// numbers. Where the standard would lose the text (012 as octal, 12:30 as base 60, integers beyond
// 64 bits) it stays a string: account ids such as 000000000000 are what templates mean by it.
#pragma once

#include <string_view>

#include "wire/value.h"

namespace mill::wire {

Value resolve_plain_scalar(std::string_view text);

}  // namespace mill::wire
