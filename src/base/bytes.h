// SPDX-License-Identifier: Apache-2.0
// Bytes travel as std::string and std::string_view: every library at our edges speaks them.
// Little-endian integers, base64, hexadecimal and the hashes that formats and protocols need.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mill {

using Bytes = std::string;
using BytesView = std::string_view;

// Fixed-width little-endian integers of on-disk formats. `load` reads the first sizeof(T) bytes;
// the caller has checked.
template <class T>
void append_le(Bytes& out, T value) {
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    out.append(raw, sizeof(T));
}
template <class T>
T load_le(const char* at) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return value;
}

// Standard alphabet with padding (RFC 4648). Decoding refuses anything else: error code "base64".
std::string base64_encode(BytesView bytes);
void base64_append(BytesView bytes, std::string& out);
Result<Bytes> base64_decode(std::string_view text);

std::string hex(BytesView bytes);  // lower case

using Digest16 = std::array<unsigned char, 16>;
Digest16 md5(BytesView bytes);
// The digests of many texts, to where `to` has room for them: several times cheaper where they are
// shorter than 56 bytes.
void md5(std::span<const std::string_view> texts, Digest16* to);
Bytes sha256(BytesView bytes);                        // 32 raw bytes
Bytes hmac_sha256(BytesView key, BytesView message);  // 32 raw bytes
// CRC-32C (Castagnoli), continuing from `crc` (0 at the start). Uses the CPU's instruction where
// there is one.
std::uint32_t crc32c(BytesView bytes, std::uint32_t crc = 0);

}  // namespace mill
