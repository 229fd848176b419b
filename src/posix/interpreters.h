// SPDX-License-Identifier: Apache-2.0
// Interpreters installed on the host. Each candidate is asked for its version once; answers are
// kept. Inside posix/ only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "machine/processes.h"

namespace mill::posix {

class Interpreters {
  public:
    // `python` is taken for every Python, whatever its version, if not empty.
    explicit Interpreters(std::string python) : python_(std::move(python)) {}
    // An interpreter of exactly `version` ("3.13", "" for any), else the newest of that name.
    Result<machine::Program> find(const std::string& name, const std::string& version);

  private:
    std::optional<machine::Program> ask(const std::string& path);
    std::vector<machine::Program> all(const std::string& name);

    std::string python_;
    std::map<std::string, std::optional<machine::Program>> asked_;
};

// "3.11.2" from "Python 3.11.2" or "v22.3.0"; empty if there is none.
std::string version_in(const std::string& text);
// Compares by numbers: "3.9" comes before "3.13".
bool older(const std::string& a, const std::string& b);

}  // namespace mill::posix
