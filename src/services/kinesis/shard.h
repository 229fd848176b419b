// SPDX-License-Identifier: Apache-2.0
// Shard: one StreamLog and the rules of a Kinesis shard over it. Owned by its Stream.
//
// Arrival times never step back, not over a restart (the log knows its last one) and not when the
// wall clock does. Nothing here outlives a crash except the log: what was appended is there, what
// was not acknowledged may be. An append costs one batch whatever its records; a read walks the
// batches that it returns from. A closed shard takes no more records; its log ends where it ended.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "model/hash_range.h"
#include "model/sequence_number.h"
#include "model/throughput.h"
#include "storage/record_batch.h"
#include "storage/stream_log.h"
#include "wire/encoded.h"
#include "wire/held.h"

namespace mill::kinesis {

// Records read, as views into the batches that hold them.
struct ShardRun {
    struct Item {
        storage::Offset offset;
        storage::RecordView record;
    };
    std::vector<storage::StoredBatch> batches;
    std::vector<Item> items;
    storage::Offset next = 0;  // where to read on
};

struct ReadBounds {
    std::uint64_t records = 1;
    std::uint64_t bytes = 1;  // of keys and data; the first record comes whatever its size
};

// A shard's place in the history of its stream.
struct Lineage {
    WallTime opened;
    std::optional<WallTime> closed = {};
    std::optional<std::uint32_t> parent = {};
    std::optional<std::uint32_t> adjacent_parent = {};  // of a merge

    bool is_child_of(std::uint32_t index) const {
        return parent == index || adjacent_parent == index;
    }
};

struct ShardDescription;  // descriptions.h

class Shard {
  public:
    Shard(Machine& machine, storage::StreamLog& log, model::ShardIdentity identity,
          model::HashRange range, Lineage lineage);
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    const model::ShardIdentity& identity() const { return identity_; }
    const std::string& id() const { return id_; }
    const model::HashRange& range() const { return range_; }
    const Lineage& lineage() const { return lineage_; }
    const std::optional<WallTime>& closed() const { return lineage_.closed; }
    // As the API shows it: encoded when it is asked for first, and again once it has ended.
    const wire::Encoded<ShardDescription>& description();
    // It is closed, and nothing lies from there on.
    bool ends_at(storage::Offset from) const { return closed() && from >= next(); }
    // Cheapest for one record after the other. Good until the next call.
    const model::SequenceText& sequence_number(storage::Offset offset, WallTime arrival) {
        return numbers_.at(offset, arrival);
    }

    // For the records of the next batch. Begin its append() before anything else is awaited.
    WallTime next_arrival();
    // An append under way. Its records lie at the offset that `appending` tells.
    struct Begun;
    // "kinesis.shard_closed" after end(). Await settled() in any case.
    Result<Begun> begin_append(storage::Batch batch);
    // Until it is durable. Wakes those who wait for records. `owner` is kept so long.
    Task<Result<wire::Told>> settled(Begun begun, std::shared_ptr<const void> owner);
    // The same, once it is durable.
    Task<Result<storage::Offset>> append(storage::Batch batch);
    // Records from `from` on that arrived at `horizon` or later.
    Task<Result<ShardRun>> read(storage::Offset from, ReadBounds bounds, WallTime horizon);
    // The first record that arrived at `time` or later; next() if there is none.
    Task<Result<storage::Offset>> at_time(WallTime time);

    storage::Offset first() const { return bounds().first; }
    storage::Offset next() const { return bounds().next; }
    // Notified after each append and by wake().
    machine::Signal& changed() { return changed_; }
    void wake() { changed_.notify_all(); }
    // Now and then, in the background, gives back the space of records older than that.
    void trim_lazily(std::chrono::hours retention);
    // No append is under way once this returns, if none begins.
    Task<void> appends_settled();
    WallTime last_arrival() const { return last_arrival_; }
    // It has been closed at that time, durably: wakes everybody.
    void end(WallTime closed);
    // Waits until no call is using the log, and lets go of it: it may be dropped then.
    Task<void> close();

    std::unique_ptr<model::ShardThroughput> throughput;  // null: unlimited; see throttle.h

  private:
    class Use;  // counts a call
    Task<void> trim(WallTime horizon);
    storage::Bounds bounds() const { return log_ ? log_->bounds() : storage::Bounds{}; }

    // What every append touches lies together: of a thousand shards none is in the cache.
    Machine& machine_;
    storage::StreamLog* log_;  // null once closed
    WallTime last_arrival_;
    Instant trim_next_;
    int users_ = 0;    // calls that touch the log
    int appends_ = 0;  // of them
    machine::Signal changed_;
    machine::Signal released_;  // by one that was the last
    model::SequenceNumbers numbers_;
    Lineage lineage_;
    model::ShardIdentity identity_;
    std::string id_;
    model::HashRange range_;
    wire::Encoded<ShardDescription> description_;
    Scope background_;
};

class Shard::Use {
  public:
    Use(int& count, machine::Signal& released) : count_(&count), released_(released) { ++count; }
    Use(Use&& other) noexcept
        : count_(std::exchange(other.count_, nullptr)), released_(other.released_) {}
    Use& operator=(Use&&) = delete;
    ~Use() {
        if (count_ && --*count_ == 0) released_.notify_all();
    }

  private:
    int* count_;  // null: it is another's by now
    machine::Signal& released_;
};

struct Shard::Begun {
    storage::Appending appending;
    Use use;
    Use as_append;
};

}  // namespace mill::kinesis
