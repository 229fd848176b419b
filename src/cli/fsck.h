// SPDX-License-Identifier: Apache-2.0
// `millrace fsck`.
#pragma once

#include "cli/data_tools.h"
#include "cli/session.h"

namespace mill::cli {

int fsck(Session& session, const DataTools& tools, const std::vector<std::string>& words);
std::string fsck_help();

}  // namespace mill::cli
