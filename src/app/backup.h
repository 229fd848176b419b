// SPDX-License-Identifier: Apache-2.0
// Backups of a data directory: the engine's files, function code, objects and keys, and at last
// `backup.json`, which says that the copy is whole. docs/formats/backup.md
//
// All paths are absolute. Directories are made with mode 0700. What returns without an error is
// durable; a failure leaves nothing behind. Errors name the path and what to do.
#pragma once

#include "cli/data_tools.h"
#include "machine/machine.h"
#include "storage/stream_log.h"

namespace mill::app {

// Of a running server: `engine` is open on `directory`. The copy is what a crash at one moment of
// this call would have left: everything acknowledged before is in it, no checkpoint is ahead of its
// log. `to` must be missing or empty, and outside of `directory`: "backup.not_empty",
// "backup.inside".
Task<Result<void>> back_up_running(Machine& machine, const storage::Engine& engine,
                                   std::string directory, std::string to);
// Of a directory that no server has: "io.locked" otherwise. Blocks.
Result<void> back_up_closed(Machine& machine, const std::string& directory, const std::string& to,
                            const cli::Progress& progress = {});
// Makes a data directory of a backup. The backup is checked first: "storage.corrupt" names file and
// position, and nothing is made. `directory` must be missing or empty; it appears at the end,
// whole. Blocks.
Result<void> restore(Machine& machine, const std::string& from, const std::string& directory,
                     const cli::Progress& progress = {});

}  // namespace mill::app
