// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <openssl/evp.h>

#include "base/assert.h"

namespace mill {

struct Digest::Context {
    EVP_MD_CTX* handle = EVP_MD_CTX_new();
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(handle); }
};

Digest::Digest(Kind kind) : context_(std::make_unique<Context>()) {
    const EVP_MD* const algorithm = kind == Kind::md5    ? EVP_md5()
                                    : kind == Kind::sha1 ? EVP_sha1()
                                                         : EVP_sha256();
    MILL_ASSERT(EVP_DigestInit_ex(context_->handle, algorithm, nullptr) == 1);
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::add(BytesView bytes) {
    MILL_ASSERT(EVP_DigestUpdate(context_->handle, bytes.data(), bytes.size()) == 1);
}

Bytes Digest::finish() {
    Bytes out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    MILL_ASSERT(EVP_DigestFinal_ex(context_->handle, reinterpret_cast<unsigned char*>(out.data()),
                                   &size) == 1);
    out.resize(size);
    return out;
}

}  // namespace mill
