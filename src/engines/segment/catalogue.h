// SPDX-License-Identifier: Apache-2.0
// Catalogue: what a store holds, as a pure state machine over its entries. The running store
// applies an entry once it is durable, recovery applies those that it finds: both arrive at the
// same state because it is the same code. Costs 48 bytes of memory for each log and each sealed
// segment that has batches of it, and 32 for each batch of the newest segment; where the batches of
// sealed segments lie is in their indexes on disk.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "engines/segment/index.h"

namespace mill::segment {

struct LogState {
    std::string name;
    Offset first = 0;
    Offset next = 0;
    std::int64_t last_arrival = 0;
    std::uint32_t stopped_by = 0;  // as Head::Log says
    std::deque<Run> runs;  // by base, contiguous: the first holds `first`, the last ends at next
    std::vector<Place> places;  // of the newest segment, in the order of its entries

    // The run that holds an offset of this log, or the next one kept.
    std::deque<Run>::const_iterator run_at(Offset offset) const;
};

// What went wrong in a sealed segment, and where.
struct Damage {
    std::string file;
    std::uint64_t position = 0;
    std::string what;
    std::uint64_t end = 0;  // what lies there is good again
    std::string text() const;
};

// A sealed segment's index: in memory until it is on disk.
struct IndexSource {
    std::uint64_t segment = 0;
    std::uint32_t salt = 0;
    std::uint64_t pages_at = 0;
    std::shared_ptr<const Bytes> bytes;
};

class Catalogue {
  public:
    Catalogue() = default;  // moved, never copied: by_id_ points into logs_
    Catalogue(const Catalogue&) = delete;
    Catalogue(Catalogue&&) = default;
    Catalogue& operator=(const Catalogue&) = delete;
    Catalogue& operator=(Catalogue&&) = default;
    ~Catalogue() = default;

    // The state that a segment's head tells; runs of the segments before it are then added.
    void begin(const Head& head);
    // What the index of a segment older than the head's says.
    void add_sealed(const IndexHead& index, std::shared_ptr<const Bytes> bytes);
    void add_damage(std::uint64_t segment, Damage damage) { damages_[segment].push_back(damage); }
    // After all was added and applied: records that no segment has are lost. False if some are
    // there twice or behind their log's end.
    bool mark_lost();
    const std::map<std::uint64_t, std::vector<Damage>>& damages() const { return damages_; }
    // What to say to those who want lost records, or more of a log that is stopped.
    std::string loss_text(const LogState& log, const Run& lost) const;
    std::string stop_text(const std::string& log, std::uint32_t stopped_by) const;
    // The one that is blamed.
    const Damage& damage(std::uint32_t segment) const;
    std::uint32_t names_lost_by() const { return names_lost_by_; }

    // An entry of the newest segment. False if it contradicts what is known.
    bool apply(const EntryHeader& header, BytesView payload, std::uint64_t position);

    // Of many logs the next ones that apply() changes are rarely in the processor's cache: asked
    // for all at once, they come side by side.
    void prefetch(std::uint64_t log) const;

    // Costs the same however many logs there are: each append asks several times.
    const LogState* find(std::uint64_t log) const;
    const std::map<std::uint64_t, LogState>& logs() const { return logs_; }

    // Segments. The newest is the one being written.
    // Begins a segment; the one that was the newest gets its index, in memory.
    void add_segment(std::uint64_t number, std::uint32_t salt);
    void set_end_of_newest(std::uint64_t end, std::uint32_t last_crc);
    bool has_any_segment() const { return !segments_.empty(); }
    bool has_segment(std::uint64_t number) const { return segments_.contains(number); }
    std::uint32_t salt(std::uint64_t segment) const { return segments_.at(segment).salt; }
    std::uint64_t newest_segment() const { return segments_.rbegin()->first; }
    IndexSource index(std::uint64_t segment) const;
    // Those to be written: of a damaged segment none is, so that every start says so.
    std::vector<IndexSource> indexes_in_memory() const;
    void index_is_on_disk(const IndexSource& index);
    // Replaces a damaged index. False if it lacks batches that are kept.
    bool replace_index(const IndexHead& index, std::shared_ptr<const Bytes> bytes);
    // Where a sealed segment ends, as the heads say.
    Head::Sealed sealed(std::uint64_t segment) const;
    std::vector<Head::Sealed> sealed_segments() const;
    // Sealed segments without a kept batch, each named once; name_again() if the removal could not
    // be recorded.
    std::vector<std::uint64_t> take_removable();
    void name_again(std::uint64_t segment) { candidates_.push_back(segment); }

    // A sealed segment of whose bytes at most `percent` are kept, and at most `bytes_max`. Each is
    // named once, until more of it goes or clean_again().
    std::optional<std::uint64_t> take_cleanable(std::uint32_t percent, std::uint64_t bytes_max);
    bool may_be_cleanable() const { return !shrunk_.empty(); }
    void clean_again(std::uint64_t segment) { shrunk_.insert(segment); }
    std::uint64_t kept_bytes(std::uint64_t segment) const {
        return segments_.at(segment).live_bytes;
    }
    // Logs that have batches in it.
    std::vector<std::uint64_t> logs_in(std::uint64_t segment) const;

    // Segments and logs of the head of a segment that begins now.
    Head head() const;

  private:
    struct Segment {
        std::uint32_t salt = 0;
        std::uint64_t end = 0;
        std::uint32_t last_crc = 0;
        std::uint64_t runs = 0;        // kept ones, and those lost by its damage
        std::uint64_t live_bytes = 0;  // of their payload
        std::uint64_t pages_at = 0;
        std::shared_ptr<const Bytes> index;  // while it is not on disk
    };
    struct Moved {
        std::uint64_t log;
        std::uint32_t place;
    };
    LogState* state(std::uint64_t log);
    LogState& add(std::uint64_t log);
    bool apply_batch(const EntryHeader& header, std::uint64_t position);
    void declare(std::uint64_t log, std::string name);
    void drop(std::uint64_t log);
    void trim(LogState& log, Offset first);
    bool remove_segment(std::uint64_t segment, std::uint64_t group);
    bool take_over(std::uint64_t from, LogState& log, Run run);
    void retain(const LogState& log, const Run& run);
    void release(const LogState& log, const Run& run);
    void retain_damaged(std::uint32_t segment);
    void index_newest();

    std::map<std::uint64_t, LogState> logs_;
    std::unordered_map<std::uint64_t, LogState*> by_id_;
    std::map<std::string, std::uint64_t, std::less<>> ids_;
    std::map<std::uint64_t, Segment> segments_;
    std::map<std::uint64_t, std::vector<Damage>> damages_;
    std::vector<std::uint64_t> candidates_;  // segments that may be removable
    std::set<std::uint64_t> shrunk_;         // segments that may be cleanable
    std::uint32_t names_lost_by_ = 0;
    bool is_writing_ = false;     // the newest segment has no index yet
    std::uint64_t moved_in_ = 0;  // the commit that `moved_` are of
    std::vector<Moved> moved_;
};

}  // namespace mill::segment
