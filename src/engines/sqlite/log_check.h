// SPDX-License-Identifier: Apache-2.0
// Damage in SQLite's write-ahead log. SQLite takes the first frame that does not match its checksum
// for the end of the log, as after a commit that tore; what followed is then gone in silence. But a
// commit is synced before the next one is written: a frame that follows the whole last frame of a
// commit proves that everything before it had been durable.
// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
#pragma once

#include "machine/files.h"

namespace mill::sqlite {

// "storage.corrupt", with the position, if a later commit proves that a frame is damaged. Damage to
// the last commit, and some to the one before, looks like one that tore; damage to the log's head
// looks like the beginning of a new log.
Result<void> check_log(BytesView log, const std::string& path);

// Without one SQLite takes a log for empty.
bool has_head(BytesView log);

// Whether the write-ahead log of the database at `path` is of a table that syncs: of another the
// disk may hold a commit without the one before.
Result<bool> is_log_synced(machine::Files& files, const std::string& path);
inline constexpr int application_id_unsynced = 1;  // what such a table has in its head

}  // namespace mill::sqlite
