// SPDX-License-Identifier: Apache-2.0
// `millrace backup` and `millrace restore`.
#pragma once

#include "cli/data_tools.h"
#include "cli/session.h"

namespace mill::cli {

// By the server if one has the directory, else by itself.
Task<int> backup(Session& session, const DataTools& tools, std::vector<std::string> words);
std::string backup_help();

int restore(Session& session, const DataTools& tools, const std::vector<std::string>& words);
std::string restore_help();

}  // namespace mill::cli
