// SPDX-License-Identifier: Apache-2.0
// What is wrong in a data directory or a backup, in the words of the server that would meet it.
#pragma once

#include "cli/data_tools.h"
#include "machine/machine.h"

namespace mill::app {

// Below a data directory; the blobs of functions lie in "blobs" below theirs.
inline constexpr const char* objects_directory = "/s3";
inline constexpr const char* functions_directory = "/lambda";

// Reads every byte and changes nothing. "io.locked" if a server has the directory. Blocks.
Result<cli::DataReport> check_data(Machine& machine, const std::string& directory,
                                   const cli::Progress& progress = {});

// "storage.corrupt" if a table that must have been there is missing or empty: it is made before the
// first log is.
Result<void> expect_table(machine::Files& files, const std::string& directory, bool has_logs);

}  // namespace mill::app
