// SPDX-License-Identifier: Apache-2.0
// `millrace completion bash|zsh`: completion scripts, made from the table of verbs and the options
// named in their help.
#pragma once

#include "cli/command_line.h"

namespace mill::cli {

int completion(Session& session, const std::vector<Verb>& verbs, const Words& words);
std::string completion_help();

// The options that a help text names, "--data", each once, in order.
std::vector<std::string> options_in(const std::string& help);

}  // namespace mill::cli
