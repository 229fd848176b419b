// SPDX-License-Identifier: Apache-2.0
// simdjson refuses integers beyond 64 bits, which are right in JSON: a Kinesis sequence number that
// a Python function returns as a number has 56 digits. Marked as doubles they are read. Rare, hence
// only after simdjson's NUMBER_ERROR.
#pragma once

#include <string>
#include <string_view>

namespace mill {

// The JSON text with "e0" behind every integer beyond 64 bits, which makes it a floating-point
// number.
std::string mark_big_integers(std::string_view text);

}  // namespace mill
