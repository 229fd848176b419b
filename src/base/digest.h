// SPDX-License-Identifier: Apache-2.0
// Digests of bytes that come in pieces. For those that are all there, see bytes.h.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace mill {

class Digest {
  public:
    enum class Kind : std::uint8_t { md5, sha1, sha256 };
    explicit Digest(Kind kind);
    ~Digest();
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;
    void add(BytesView bytes);
    Bytes finish();  // raw; once

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace mill
