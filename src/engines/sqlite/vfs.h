// SPDX-License-Identifier: Apache-2.0
// A VFS of SQLite's over machine::Files, so that SQLite lives on the same disk as everything else:
// the real one, or one that loses power. Registered under a name of its own while it lives. For one
// connection with exclusive locking: locks are nothing, and there is no shared memory. Used by
// whatever thread uses the connection.
#pragma once

#include <sqlite3.h>

#include "machine/files.h"

namespace mill::sqlite {

class Vfs {
  public:
    Vfs(machine::Files& files, std::uint64_t random_seed);
    ~Vfs();
    Vfs(const Vfs&) = delete;
    Vfs& operator=(const Vfs&) = delete;

    const char* name() const { return name_.c_str(); }
    // The newest error of a file, which SQLite's codes say little about.
    Error take_error() { return std::exchange(last_error_, {}); }

  private:
    struct Methods;
    friend struct Methods;

    int failed(const Error& error, int code);

    machine::Files& files_;
    std::uint64_t random_state_;
    std::string name_;
    Error last_error_;
    sqlite3_vfs vfs_ = {};
};

}  // namespace mill::sqlite
