// SPDX-License-Identifier: Apache-2.0
// `millrace demo`: the whole walkthrough by itself. Starts a server, builds and deploys a project
// of the orders' layout, invokes the producer, shows the consumer's lines as they arrive, reads the
// stream back, deletes the stack.
#pragma once

#include "cli/session.h"

namespace mill::cli {

Task<int> demo(Session& session, std::vector<std::string> words);
std::string demo_help();

}  // namespace mill::cli
