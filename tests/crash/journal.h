// SPDX-License-Identifier: Apache-2.0
// Journal: what was acknowledged, written down before the next call is made: a file of lines
// "stream shard number key" that outlives server and test. Thread-safe: each line is one write.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace mill::crash {

class Journal {
  public:
    explicit Journal(const std::string& path);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    // The next moment; see history.h.
    std::uint64_t tick() { return ++now_; }
    void write(const std::string& lines);

  private:
    int file_ = -1;
    std::atomic<std::uint64_t> now_ = 0;
};

}  // namespace mill::crash
