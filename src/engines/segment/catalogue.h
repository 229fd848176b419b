// SPDX-License-Identifier: Apache-2.0
// Catalogue: what a store holds, as a pure state machine over its entries. The running store
// applies an entry once it is durable, recovery applies those that it finds: both arrive at the
// same state because it is the same code. Costs 32 bytes of memory a stored batch, until sealed
// segments carry their index on disk.
#pragma once

#include <deque>
#include <map>

#include "engines/segment/format.h"

namespace mill::segment {

// Where a batch lies.
struct Place {
    Offset base = 0;
    std::int64_t last_arrival = 0;
    std::uint32_t segment = 0;
    std::uint32_t position_8 = 0;  // in units of entry_alignment
    std::uint32_t payload_bytes = 0;
    std::uint32_t records = 0;

    Offset end() const { return base + records; }
    std::uint64_t position() const { return position_8 * entry_alignment; }
};

struct LogState {
    std::string name;
    Offset first = 0;
    Offset next = 0;
    std::int64_t last_arrival = 0;
    std::deque<Place> places;  // contiguous, from first to next
};

class Catalogue {
  public:
    // The state that a segment's head tells; batches of the segments before it are then given to
    // restore().
    void begin(const Head& head);
    // An entry of the newest segment, before older segments are restored: what it removes may be
    // missing there.
    void foresee(const EntryHeader& header, BytesView payload);
    // A batch found in a segment older than the head's. False if it does not continue its log.
    bool restore(const EntryHeader& header, std::uint64_t segment, std::uint64_t position);
    // A log that lacks batches after everything was restored and applied.
    const LogState* incomplete() const;

    // An entry of the newest segment. False if it contradicts what is known.
    bool apply(const EntryHeader& header, BytesView payload, std::uint64_t segment,
               std::uint64_t position);

    // What a log's first offset becomes when batches that end at or before `before` go.
    Offset trim_point(std::uint64_t log, Offset before) const;
    const LogState* find(std::uint64_t log) const;
    const std::map<std::uint64_t, LogState>& logs() const { return logs_; }

    // Segments. The newest is the one being written.
    void set_salt(std::uint64_t segment, std::uint32_t salt) { segments_.at(segment).salt = salt; }
    void add_segment(std::uint64_t number, std::uint32_t salt);
    void seal_newest(std::uint64_t end, std::uint32_t last_crc);
    bool has_any_segment() const { return !segments_.empty(); }
    bool has_segment(std::uint64_t number) const { return segments_.contains(number); }
    std::uint32_t salt(std::uint64_t segment) const { return segments_.at(segment).salt; }
    std::uint64_t newest_segment() const { return segments_.rbegin()->first; }
    // Sealed segments without a kept batch, each named once; name_again() if the removal could not
    // be recorded.
    std::vector<std::uint64_t> take_removable();
    void name_again(std::uint64_t segment) { candidates_.push_back(segment); }

    // Segments and logs of the head of a segment that begins now.
    Head head() const;

  private:
    struct Segment {
        std::uint32_t salt = 0;
        std::uint64_t end = 0;
        std::uint32_t last_crc = 0;
        std::uint64_t batches = 0;  // kept ones
    };
    void declare(std::uint64_t log, std::string name);
    void drop(std::uint64_t log);
    void trim(LogState& log, Offset first);
    bool push(LogState& log, const EntryHeader& header, std::uint64_t segment,
              std::uint64_t position);
    void release(const Place& place);

    std::map<std::uint64_t, LogState> logs_;
    std::map<std::string, std::uint64_t, std::less<>> ids_;
    std::map<std::uint64_t, Segment> segments_;
    std::vector<std::uint64_t> candidates_;  // segments that may be removable
};

}  // namespace mill::segment
