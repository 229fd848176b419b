// SPDX-License-Identifier: Apache-2.0
// samconfig.toml: defaults for the options of the sam verbs.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "machine/files.h"

namespace mill::cli {

// Option name with '_' -> values; lists and blank-separated strings of list options alike. A table
// is a list of Name="Value".
using SamConfig = std::map<std::string, std::vector<std::string>>;

// The parameters of `command` ("deploy", "local_invoke") over those of "global", in environment
// `environment`. TOML, or YAML or JSON if the name says so; where samconfig.toml is missing, the
// others are looked for. A missing file is an empty configuration; a malformed one is an error with
// the line.
Result<SamConfig> load_sam_config(machine::Files& files, const std::string& path,
                                  const std::string& environment, const std::string& command);

using SamConfigValue = std::variant<bool, std::string, std::vector<std::string>>;

// A samconfig.toml to be changed: what stands in it stays as it is, comments and order too.
class SamConfigFile {
  public:
    explicit SamConfigFile(std::string text = "version = 0.1\n") : text_(std::move(text)) {}
    // Replaces or adds the key of [environment.command.parameters].
    void put(const std::string& environment, const std::string& command, const std::string& key,
             const SamConfigValue& value);
    const std::string& text() const { return text_; }
    // An error, and nothing written, if it is no TOML with these values then.
    Result<void> write(machine::Files& files, const std::string& path) const;

  private:
    std::string text_;
};
// A new one if there is none. An error if it is no TOML.
Result<SamConfigFile> read_sam_config_file(machine::Files& files, const std::string& path);

}  // namespace mill::cli
