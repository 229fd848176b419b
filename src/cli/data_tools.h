// SPDX-License-Identifier: Apache-2.0
// What `millrace fsck`, `backup` and `restore` need of the engines: app/ gives it. Paths are
// absolute.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/sigv4.h"

namespace mill::cli {

struct DataFinding {
    std::string text;               // names file and position, as the server does
    std::vector<std::string> logs;  // that have lost records by it
    bool is_mended = false;         // by the next start
};
struct DataReport {
    std::uint64_t segments = 0;
    std::uint64_t logs = 0;
    std::uint64_t records = 0;
    std::uint64_t entries = 0;  // of the table
    std::vector<DataFinding> findings;
};

// Bytes; called every now and then.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct DataTools {
    std::function<std::string(const std::string& path)> absolute;
    // The first two fail with "io.locked" if a server has the directory.
    std::function<Result<DataReport>(const std::string& directory, const Progress&)> check;
    std::function<Result<void>(const std::string& directory, const std::string& to,
                               const Progress&)>
        back_up;
    std::function<Result<void>(const std::string& from, const std::string& directory,
                               const Progress&)>
        restore;
    // What requests to the server of a directory are signed with.
    std::function<Result<wire::Credentials>(const std::string& directory)> root_key;
};

}  // namespace mill::cli
