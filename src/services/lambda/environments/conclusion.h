// SPDX-License-Identifier: Apache-2.0
// What an ending means to the caller and to the log: payloads and lines exactly as Lambda words
// them. Pure.
#pragma once

#include <optional>

#include "services/lambda/environments/environment.h"

namespace mill::lambda {

struct Conclusion {
    bool failed = false;
    Bytes payload;
    std::string log_line;  // before END; empty if there is none
    std::string status;    // of the REPORT line: "timeout", "error" or empty
    std::string error_type;
};

Conclusion conclude(const Ending& ending, const std::string& request_id, const Function& function,
                    WallTime now);

}  // namespace mill::lambda
