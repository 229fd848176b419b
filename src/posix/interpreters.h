// SPDX-License-Identifier: Apache-2.0
// Interpreters installed on the host. Each candidate is asked for its version once; answers are
// kept. Blocks; for any thread. Inside posix/ only.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "machine/processes.h"

namespace mill::posix {

class Interpreters {
  public:
    // `python` is taken for every Python, whatever its version, if not empty. A candidate has
    // `patience` to tell its version.
    explicit Interpreters(std::string python,
                          std::chrono::milliseconds patience = std::chrono::seconds(10))
        : python_(std::move(python)), patience_(patience) {}
    // An interpreter of exactly `version` ("3.13", "" for any), else the newest of that name.
    // "process.no_program"; "process.timeout" if a candidate did not answer before an exact one was
    // found, which it may do the next time.
    Result<machine::Program> find(const std::string& name, const std::string& version);

  private:
    using Asked = std::optional<machine::Program>;  // nothing: no interpreter
    Result<Asked> ask(const std::string& path);
    Result<Asked> find_exact(const std::vector<std::string>& files, const std::string& version);
    Result<std::vector<machine::Program>> all(const std::string& name);

    std::string python_;
    std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::map<std::string, Asked> asked_;  // guarded by mutex_
};

// "3.11.2" from "Python 3.11.2" or "v22.3.0"; empty if there is none.
std::string version_in(const std::string& text);
// Compares by numbers: "3.9" comes before "3.13".
bool older(const std::string& a, const std::string& b);

}  // namespace mill::posix
