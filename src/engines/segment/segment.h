// SPDX-License-Identifier: Apache-2.0
// The segment log: one append-only log of all logs' batches in a directory. docs/formats/segment.md
//
// An append is durable when it returns: it shares one write and one fdatasync with all that wait;
// while these run the next group gathers, and an idle store commits at once. Readers never see
// beyond the durable end. After a crash every acknowledged append is there, and of the commit in
// flight any whole batches up to the first torn one. A failed append leaves nothing: before its
// failure is reported, the place it may have reached is sealed off durably. If that fails too the
// code is "storage.stopped": whether those records exist is settled by the next append that
// succeeds, or by a restart. Damage stops reads of the logs concerned, at the damaged place, and
// nothing else; but a log of which nobody knows where it ended takes no more. Memory: `cache_bytes`
// for the tail, `index_cache_bytes` for indexes, 48 bytes for each log and sealed segment that has
// batches of it, and 32 for each batch of the newest segment. One store per directory: the caller
// locks it.
#pragma once

#include <functional>

#include "machine/machine.h"
#include "storage/stream_log.h"

namespace mill::segment {

struct Options {
    std::uint64_t segment_bytes = 64ull * 1024 * 1024;
    bool sync = true;  // false: --durability os
    std::uint64_t cache_bytes = 16ull * 1024 * 1024;
    std::uint64_t index_cache_bytes = 8ull * 1024 * 1024;
    // A sealed segment of which no more than this share is kept is emptied: what is kept is copied
    // to the end of the log, so that all files are at most about 100 / share times what is kept. 0:
    // never.
    std::uint32_t clean_kept_percent = 12;
    std::uint64_t clean_bytes_per_second = 16ull * 1024 * 1024;  // read, and written
    std::uint32_t recycled_files_max = 2;  // of dead segments, to be written again
};

// What was durable at one moment. While it lives no file of it is removed or written over. The
// store outlives it.
class Snapshot {
  public:
    virtual ~Snapshot() = default;
    // Copies it into the directory `to`, made if missing, beside all that goes on; durable when it
    // succeeds. Opened as a store, the copy is what a crash at the moment would have left.
    virtual Task<Result<void>> copy_to(std::string to) = 0;
};

class SegmentStore : public storage::LogStore {
  public:
    virtual std::unique_ptr<Snapshot> snapshot() = 0;
    // Before a clean end: writes at once what tells damage to the newest appends from a crash in
    // the middle of one.
    virtual Task<void> settle() = 0;
};

// Recovers what a crash left. "storage.corrupt", which names file and offset, is for a newest
// segment whose head and mark are both lost; "storage.newer_format" says which version wrote it.
Result<std::unique_ptr<SegmentStore>> open_store(Machine& machine, const std::string& directory,
                                                 Options options = {});

// What is wrong with a store, in the words of the server that would meet it.
struct Finding {
    std::string text;               // with file and position
    std::vector<std::string> logs;  // that have lost records by it
    bool is_mended = false;         // the next start makes it again: an index
};
struct CheckReport {
    std::uint64_t segments = 0;
    std::uint64_t logs = 0;
    std::uint64_t records = 0;  // kept
    std::vector<Finding> findings;
};
// Reads every byte of a store that no one has open, and changes nothing. `was_read` is told how
// many bytes each segment had.
Result<CheckReport> check_store(machine::Files& files, const std::string& directory,
                                const std::function<void(std::uint64_t)>& was_read = {});

}  // namespace mill::segment
