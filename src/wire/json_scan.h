// SPDX-License-Identifier: Apache-2.0
// What simdjson does not tell: where a JSON text is wrong. Runs only after simdjson has refused a
// text.
#pragma once

#include <string>
#include <string_view>

namespace mill::wire {

// "unexpected character (line 3, column 14)", or `otherwise` if our scan finds nothing wrong.
std::string json_complaint(std::string_view text, std::string_view otherwise);

// The text with "e0" behind every integer beyond 64 bits, which makes it a floating-point number.
std::string mark_big_integers(std::string_view text);

void append_json_number(double value, std::string& out);

}  // namespace mill::wire
