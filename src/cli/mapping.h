// SPDX-License-Identifier: Apache-2.0
// `millrace mapping`: what AWS has no call for: what an event source mapping is doing now, setting
// it back, driving the records that it gave up once more.
#pragma once

#include "cli/session.h"

namespace mill::cli {

Task<int> mapping(Session& session, std::vector<std::string> words);
std::string mapping_help();

}  // namespace mill::cli
