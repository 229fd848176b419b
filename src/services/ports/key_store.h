// SPDX-License-Identifier: Apache-2.0
// KeyStore: whether there are the keys that other services' requests name. KMS provides it.
#pragma once

#include <string>

#include "base/caller.h"
#include "base/result.h"

namespace mill::ports {

class KeyStore {
  public:
    virtual ~KeyStore() = default;
    // By ARN, or the ARN of an alias: it exists, is enabled and does not wait for its deletion.
    // NotFoundException, DisabledException and KMSInvalidStateException in KMS's words.
    virtual Result<void> check_key(const Caller& caller, const std::string& arn) const = 0;
};

}  // namespace mill::ports
