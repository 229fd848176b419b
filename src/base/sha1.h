// SPDX-License-Identifier: Apache-2.0
// SHA-1 (RFC 3174), for names that others make with it. Not for security.
#pragma once

#include <string>
#include <string_view>

namespace mill {

// 40 lower-case hex digits.
std::string sha1_hex(std::string_view bytes);

}  // namespace mill
