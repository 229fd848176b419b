// SPDX-License-Identifier: Apache-2.0
// Regular expressions of the service models and of requests, matched by RE2: time and stack stay
// bounded whatever the text is.
#pragma once

#include <string_view>

namespace mill::wire {

// Whether the whole text matches. A pattern outside RE2's language matches nothing:
// `pattern_supported` tells.
bool matches_pattern(std::string_view pattern, std::string_view text);
// Whether a part of the text does.
bool pattern_occurs(std::string_view pattern, std::string_view text);
bool pattern_supported(std::string_view pattern);

}  // namespace mill::wire
