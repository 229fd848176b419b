// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648, standard alphabet with padding) into memory that the caller provides: records
// pass through here both ways. AVX2 where the CPU has it, else byte by byte. Pure.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace mill {

// The length of the text that stands for so many bytes.
constexpr std::size_t base64_length(std::size_t bytes) { return (bytes + 2) / 3 * 4; }
// Writes base64_length(bytes.size()) characters to `to` and returns their end.
char* base64_encode_to(BytesView bytes, char* to);

// How many bytes `text` stands for. Errors: "base64", as base64_decode() has them.
Result<std::size_t> base64_check(std::string_view text);
// The same bytes as base64_decode() gives. Only for a text that base64_check() has accepted, and
// `to` has room for what it said.
char* base64_decode_to(std::string_view checked, char* to);

}  // namespace mill
