// SPDX-License-Identifier: Apache-2.0
// The storage contracts. An engine keeps logs (one per shard, and others) and one table; it never
// sees a sequence number, an ARN or a shard. storage/contract runs one suite over every engine. All
// calls come from the executor thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "machine/task.h"
#include "storage/appending.h"

namespace mill::storage {

// Records appended together: stored, checked and read as one. The payload is opaque to the engine
// (record_batch.h).
struct Batch {
    Bytes payload;
    std::uint32_t records = 0;  // at least 1
    WallTime first_arrival;     // not older than the log's last arrival
    WallTime last_arrival;
    // Whoever waits for it is in no hurry: what others ask meanwhile goes first.
    bool can_wait = false;
};

struct StoredBatch {
    Offset base = 0;  // offset of its first record
    std::uint32_t records = 0;
    WallTime first_arrival;
    WallTime last_arrival;
    std::shared_ptr<const Bytes> payload;
    Offset end() const { return base + records; }
};

struct ReadLimits {
    std::uint32_t records = 10'000;          // at least 1
    std::uint64_t bytes = 10 * 1024 * 1024;  // of payload; the first batch comes whatever its size
};

struct Bounds {
    Offset first = 0;  // of the oldest record kept
    Offset next = 0;   // that the next record will get; everything below is durable
    bool operator==(const Bounds&) const = default;
};

// One log. Appends become durable in the order in which they were called for; a failed append left
// nothing behind that a reader could see, now or after a restart.
class StreamLog {
  public:
    virtual ~StreamLog() = default;
    // Tells the offset of the batch's first record. Fails with "io…" codes; "storage.stopped" after
    // an unrecoverable error; "storage.corrupt" if damage hides what the newest records are.
    virtual Result<Appending> begin_append(Batch batch) = 0;
    // The same, once it is durable; begun when this is called.
    Task<Result<Offset>> append(Batch batch);
    // Whole batches, starting with the one that holds `from` (or the next one kept), up to the
    // limits. Empty at the tail. "storage.corrupt" names file and offset; at the tail, too, if
    // damage hides what followed.
    virtual Task<Result<std::vector<StoredBatch>>> read(Offset from, ReadLimits limits) = 0;
    // Base offset of the first batch whose last_arrival is not older; bounds().next if there is
    // none.
    virtual Task<Result<Offset>> offset_at(WallTime time) = 0;
    // Forgets batches that end at or before the offset. Space comes back in time.
    virtual Task<Result<void>> trim(Offset before) = 0;
    virtual Bounds bounds() const = 0;
    virtual WallTime last_arrival()
        const = 0;  // of the newest record ever appended; the epoch if none
};

class LogStore {
  public:
    virtual ~LogStore() = default;
    // Made if missing. The pointer stays good until drop_log or the store's end. Names are up to
    // 255 bytes.
    virtual Result<StreamLog*> open_log(const std::string& name) = 0;
    virtual Task<Result<void>> drop_log(
        const std::string& name) = 0;  // missing is fine; durable when done
    virtual std::vector<std::string> log_names() const = 0;
};

// A small ordered map with atomic, durable commits: metadata and checkpoints. Keys sort by bytes;
// by custom
// "<service>/<kind>/<account>/<region>/<name>". Values are JSON text or whatever their owner likes.
class Table {
  public:
    struct Entry {
        std::string key;
        Bytes value;
        bool operator==(const Entry&) const = default;
    };
    struct Precondition {
        std::string key;
        std::optional<Bytes> value;  // empty: the key must be absent
    };
    struct Commit {
        std::vector<Precondition> preconditions;
        std::vector<Entry> puts;
        std::vector<std::string> erases;
    };
    virtual ~Table() = default;
    // Reads see every commit that was begun before them on this table, in order.
    virtual Result<std::optional<Bytes>> get(std::string_view key) = 0;
    // Entries whose key starts with `prefix` and is greater than `after`, in order, at most `limit`
    // (0 = all).
    virtual Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view after = {},
                                            std::size_t limit = 0) = 0;
    // All or nothing. "storage.conflict" if a precondition does not hold; then nothing is written.
    virtual Task<Result<void>> commit(Commit commit) = 0;
};

struct Engine {
    std::unique_ptr<LogStore> logs;
    std::unique_ptr<Table> table;
    std::string durability;  // what an acknowledgement means, for `status`: "synced: on this disk
                             // after fdatasync"
    // Copies all into the directory `to`, made if missing, as of one moment of this call, beside
    // what goes on: what a crash at that moment would have left. Empty if it keeps no files.
    std::function<Task<Result<void>>(std::string to)> backup;
    // Before a clean end: damage to what is then stopped is noticed whatever it hits, while of what
    // has crashed the newest commits may look like ones that tore. Empty if it keeps no files.
    std::function<Task<void>()> settle;
};

}  // namespace mill::storage
