// SPDX-License-Identifier: Apache-2.0
// Table on SQLite (WAL, synchronous=FULL) through a VFS on machine::Files. docs/formats/table.md
//
// All of the table is in memory as well: reads touch no file and see each commit from the moment it
// is begun. Commits that queue share one transaction and one sync. When a transaction fails, every
// commit that was begun and is not answered fails with it, as each may have been decided by what
// those before it had put, and memory returns to what is durable. One table per file: the caller
// locks the directory.
#pragma once

#include <functional>

#include "machine/machine.h"
#include "storage/stream_log.h"

namespace mill::sqlite {

struct Options {
    bool sync = true;
};

class BackupTable : public storage::Table {
  public:
    // Copies all that is committed at one moment into a new file, durably; commits wait for it.
    // `at_moment` is called on the executor in that moment: what others do in that call is
    // consistent with the copy.
    virtual Task<Result<void>> backup(std::string to, std::function<void()> at_moment) = 0;
    // Before a clean end: from then on, until the next commit, any damage to the files is noticed.
    virtual Task<Result<void>> settle() = 0;
};

Result<std::unique_ptr<BackupTable>> open_table(Machine& machine, const std::string& path,
                                                Options options = {});

// Reads a table that nobody has open, and changes nothing: how many entries it has, or
// "storage.corrupt".
Result<std::uint64_t> check_table(machine::Files& files, const std::string& path);

}  // namespace mill::sqlite
