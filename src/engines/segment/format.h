// SPDX-License-Identifier: Apache-2.0
// The bytes of a segment file (docs/formats/segment.md): a head, then entries. Pure: no I/O, no
// state.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "storage/stream_log.h"

namespace mill::segment {

using storage::Offset;

inline constexpr std::uint32_t format_version = 3;
inline constexpr std::uint64_t entry_alignment = 8;  // positions are multiples of it

constexpr std::uint64_t aligned(std::uint64_t position) {
    return (position + entry_alignment - 1) / entry_alignment * entry_alignment;
}

enum class EntryKind : std::uint32_t {
    batch = 1,    // records of a log
    declare = 2,  // a log's id and name (the payload); an older log of that name is dropped by it
    drop = 3,     // a log is gone
    trim = 4,     // batches of a log before the one at `base` are gone
    remove_segment = 5,  // segment number `base` holds nothing that is kept and may be missing
    moved = 6,  // a batch copied out of the segment whose removal ends this commit; void without it
};

struct EntryHeader {
    static constexpr std::size_t bytes = 64;

    EntryKind kind = EntryKind::batch;
    std::uint64_t log = 0;
    std::uint64_t base = 0;
    std::uint32_t records = 0;
    std::int64_t first_arrival = 0;  // ms since the epoch
    std::int64_t last_arrival = 0;
    std::uint32_t payload_bytes = 0;
    std::uint32_t payload_crc = 0;
    std::uint64_t group =
        0;  // where its commit began in the segment: all before was durable when this was written
    std::uint32_t previous = 0;  // crc of the entry before, or of the head
    std::uint32_t crc =
        0;  // over all of the above, seeded with the segment's salt; set by encode and decode

    std::uint64_t whole_bytes() const { return aligned(bytes + payload_bytes); }
};

// Appends 64 bytes to `out` and returns the crc that the next entry chains to.
std::uint32_t encode_entry(const EntryHeader& header, std::uint32_t salt, Bytes& out);
// Empty if these are not the bytes of an entry of this segment, or of a batch without records. The
// payload is not looked at.
std::optional<EntryHeader> decode_entry(BytesView bytes, std::uint32_t salt);
// What is wrong with the payload of such an entry, of which `payload` is as much as the file has;
// empty if nothing is.
std::string_view payload_damage(const EntryHeader& header, BytesView payload);

// What a segment knows of the store at the moment when it was begun: segments before it are needed
// for their batches only.
struct Head {
    struct Sealed {
        std::uint64_t number = 0;
        std::uint64_t end = 0;       // what lies beyond is the remains of failed writes
        std::uint32_t last_crc = 0;  // of its last entry, or of its head
        bool operator==(const Sealed&) const = default;
    };
    struct Log {
        std::uint64_t id = 0;
        Offset first = 0;
        Offset next = 0;
        std::int64_t last_arrival = 0;
        std::string name;
        // The segment by whose damage nobody knows whether records followed; 0: none, all is known.
        std::uint32_t stopped_by = 0;
        bool operator==(const Log&) const = default;
    };
    std::uint64_t number = 0;
    // No payload can pose as an entry, nor can what an earlier segment left in a file: it begins at
    // random and counts up with the segments.
    std::uint32_t salt = 0;
    std::uint64_t next_log_id = 1;
    // The segment by whose damage names of logs may be lost; 0: none.
    std::uint32_t names_lost_by = 0;
    std::vector<Sealed> segments;            // that still hold kept batches, by number
    std::vector<Log> logs;                   // by id
    std::uint32_t version = format_version;  // set by decode
    std::uint64_t bytes = 0;                 // set by decode
    std::uint32_t crc = 0;                   // set by decode
    bool operator==(const Head&) const = default;
};

inline constexpr std::size_t head_bytes_min = 56;

Bytes encode_head(const Head& head);
// The length that the first `head_bytes_min` bytes of a file announce. "storage.corrupt",
// "storage.newer_format".
Result<std::uint64_t> head_length(BytesView bytes, const std::string& path);
Result<Head> decode_head(BytesView bytes, const std::string& path);
std::uint32_t head_crc(BytesView encoded);

Failure corrupt(const std::string& path, std::uint64_t position, std::string_view what);

// "00000000000000000017.segment", ".index", ".mark" (mark.h); ".free" once it is dead and waits to
// be written again.
std::string segment_name(std::uint64_t number);
std::string index_name(std::uint64_t number);
std::string mark_name(std::uint64_t number);
std::string free_name(std::uint64_t number);
std::optional<std::uint64_t> segment_number(std::string_view name);
std::optional<std::uint64_t> index_number(std::string_view name);
std::optional<std::uint64_t> mark_number(std::string_view name);
std::optional<std::uint64_t> free_number(std::string_view name);

// Takes little-endian values off the front; running out leaves it failed.
class Source {
  public:
    explicit Source(BytesView bytes) : rest_(bytes) {}
    template <class T>
    T take() {
        if (rest_.size() < sizeof(T)) {
            failed_ = true;
            return T{};
        }
        const T value = load_le<T>(rest_.data());
        rest_.remove_prefix(sizeof(T));
        return value;
    }
    std::string take_bytes(std::size_t count) {
        if (rest_.size() < count) {
            failed_ = true;
            return {};
        }
        std::string bytes(rest_.substr(0, count));
        rest_.remove_prefix(count);
        return bytes;
    }
    bool failed() const { return failed_; }

  private:
    BytesView rest_;
    bool failed_ = false;
};
void store_le(Bytes& bytes, std::size_t at, std::uint32_t value);

}  // namespace mill::segment
