// SPDX-License-Identifier: Apache-2.0
// `millrace serve`: the server on the real machine, from the first line to the last.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace mill::app {

// Serves until SIGTERM or SIGINT; gives the exit code.
int run_server(cli::Session& session, const std::vector<std::string>& words);

}  // namespace mill::app
