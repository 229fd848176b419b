// SPDX-License-Identifier: Apache-2.0
// `millrace status`: what a running server says of itself (/_millrace/health).
#pragma once

#include "cli/session.h"

namespace mill::cli {

Task<int> status(Session& session, std::vector<std::string> words);
std::string status_help();

}  // namespace mill::cli
