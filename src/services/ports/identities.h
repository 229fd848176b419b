// SPDX-License-Identifier: Apache-2.0
// Identities: who calls, and whom roles stand for. IAM provides it, STS asks. Executor thread only.
#pragma once

#include <optional>
#include <string>

#include "base/caller.h"
#include "base/result.h"

namespace mill::ports {

struct Identity {
    std::string account;
    std::string arn;
    std::string id;                   // "AIDA...", "AROA..."; of the root the account
    std::optional<std::string> user;  // its name
};
struct RoleIdentity {
    std::string id;
    std::string name;
    std::int64_t max_session_seconds = 3600;
};

class Identities {
  public:
    virtual ~Identities() = default;
    // The user whose access key it is; else the root of the caller's account.
    virtual Result<Identity> identity_of(const Caller& caller) const = 0;
    virtual Result<std::optional<RoleIdentity>> role(const std::string& arn) const = 0;
};

}  // namespace mill::ports
