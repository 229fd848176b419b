// SPDX-License-Identifier: Apache-2.0
// samconfig.toml: defaults for the options of the sam verbs.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
#pragma once

#include <map>
#include <string>
#include <vector>

#include "machine/files.h"

namespace mill::cli {

// Option name with '_' -> values; lists and blank-separated strings of list options alike.
using SamConfig = std::map<std::string, std::vector<std::string>>;

// The parameters of `command` ("deploy", "local_invoke") over those of "global", in environment
// `environment`. A missing file is an empty configuration; a malformed one is an error with the
// line.
Result<SamConfig> load_sam_config(machine::Files& files, const std::string& path,
                                  const std::string& environment, const std::string& command);

}  // namespace mill::cli
