// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mill {

// Who calls: from the signature's credential scope (gateway), or from the stack or mapping that
// acts for a user.
struct Caller {
    std::string account = "000000000000";
    std::string region = "us-east-1";
    std::string access_key;
    // As the client reached us: "127.0.0.1:4566"; empty if no client asked.
    std::string host;

    std::string endpoint() const { return host.empty() ? host : "http://" + host; }
};

}  // namespace mill
