// SPDX-License-Identifier: Apache-2.0
// Small pieces that the notations (JSON, YAML, XML) share. Internal to wire/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "wire/value.h"

namespace mill::wire {

// A parsed document nests at most this deep: walks over documents recurse.
constexpr std::size_t depth_max = 128;

// Of members with the same name only the last value stays, in the first one's place.
void keep_last_of_equal_keys(Value::Map& members);

// The length in bytes of the UTF-8 character at the front of `text`; 0 if it is not valid there.
std::size_t utf8_length(std::string_view text);
// Characters of a text; an invalid byte counts as one.
std::size_t utf8_count(std::string_view text);

// "Sun, 06 Nov 1994 08:49:37 GMT", as headers carry times. RFC 9110, 5.6.7; the obsolete forms are
// not read.
std::optional<WallTime> parse_http_date(std::string_view text);

// The shortest decimal that reads back as the same double, always recognisable as one ("1.0").
std::string number_text(double value);

}  // namespace mill::wire
