// SPDX-License-Identifier: Apache-2.0
// Questions at the terminal, as SAM CLI asks them: what stands in brackets holds if nothing is
// typed. "aborted" if the terminal is closed.
#pragma once

#include <optional>
#include <string>

#include "cli/session.h"

namespace mill::cli {

// "Stack Name [sam-app]: "; without a fallback it is asked until something is typed.
Result<std::string> prompt(Session& session, const std::string& question,
                           const std::optional<std::string>& fallback = {});
Result<std::string> prompt_secret(Session& session, const std::string& question);
// "Disable rollback [y/N]: "
Result<bool> confirm(Session& session, const std::string& question, bool fallback);

}  // namespace mill::cli
