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
};

}  // namespace mill
