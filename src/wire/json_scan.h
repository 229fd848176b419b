// SPDX-License-Identifier: Apache-2.0
// What simdjson does not tell: where a JSON text is wrong. Runs only after simdjson has refused a
// text.
#pragma once

#include <string>
#include <string_view>

namespace mill::wire {

// "unexpected character (line 3, column 14)", or `otherwise` if our scan finds nothing wrong.
std::string json_complaint(std::string_view text, std::string_view otherwise);

void append_json_number(double value, std::string& out);

}  // namespace mill::wire
