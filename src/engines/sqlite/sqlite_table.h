// SPDX-License-Identifier: Apache-2.0
// Table on SQLite (WAL, synchronous=FULL) through a VFS on machine::Files. docs/formats/table.md
//
// All of the table is in memory as well: reads touch no file and see each commit from the moment it
// is begun. Commits that queue share one transaction and one sync. When a transaction fails, every
// commit that was begun and is not answered fails with it, as each may have been decided by what
// those before it had put, and memory returns to what is durable. One table per file: the caller
// locks the directory.
#pragma once

#include "machine/machine.h"
#include "storage/stream_log.h"

namespace mill::sqlite {

struct Options {
    bool sync = true;
};

Result<std::unique_ptr<storage::Table>> open_table(Machine& machine, const std::string& path,
                                                   Options options = {});

}  // namespace mill::sqlite
