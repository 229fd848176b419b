// SPDX-License-Identifier: Apache-2.0
// For the tests of this room: a real machine and a directory that goes away.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "base/assert.h"
#include "posix/posix_machine.h"

namespace mill::posix {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = "/tmp/mill-test-XXXXXX";
        if (::mkdtemp(name.data())) path_ = name;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
}

// Runs the machine until the task is done.
template <class T>
T run(PosixMachine& machine, Task<T> task) {
    std::optional<T> result;
    machine.run_until_done(keep_result(std::move(task), result));
    MILL_ASSERT(result);
    return *std::move(result);
}

}  // namespace mill::posix
