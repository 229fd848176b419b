// SPDX-License-Identifier: Apache-2.0
#include "base/sha1.h"

#include <openssl/evp.h>

#include <array>

#include "base/assert.h"
#include "base/bytes.h"

namespace mill {

std::string sha1_hex(std::string_view bytes) {
    constexpr std::size_t digest_bytes = 20;
    std::array<unsigned char, digest_bytes> digest{};
    const int done =
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    MILL_ASSERT(done == 1);
    return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace mill
