// SPDX-License-Identifier: Apache-2.0
// Writer: appends commits to the newest segment. Blocks: used inside offload, by one commit at a
// time.
//
// After a failed write or sync nobody knows what the disk holds, so that segment is never written
// again: the next one begins with a head that says where the good part of the failed one ends.
#pragma once

#include <span>

#include "engines/segment/format.h"
#include "engines/segment/page_stream.h"

namespace mill::segment {

struct Entry {
    EntryHeader header;
    std::shared_ptr<const Bytes> payload;  // may be null
    std::uint64_t position = 0;            // where it goes, set when it is appended
};

// A part of the newest segment's file to be written with zeros before it is needed.
struct Room {
    std::string path;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
};
// Blocks, and may run beside a commit that ends before `room.from`.
Result<void> make_room(machine::Files& files, const Room& room);

class Writer {
  public:
    Writer(machine::Files& files, std::string directory, std::uint64_t segment_bytes, bool sync);

    // Makes the segment that `head` begins and turns to it. It is durable with its name when this
    // succeeds. `recycled`: a file of the directory to write it on; empty for a new one.
    Result<void> begin(const Head& head, const std::string& recycled);
    // Goes on with a segment that recovery has read and synced up to `position`.
    Result<void> resume(const Head& head, std::uint64_t position, std::uint32_t last_crc);
    // One sync for all entries.
    Result<void> append(std::span<Entry> entries);
    // The same in two steps: the disk writes between them. No other call comes in between.
    Result<void> begin_append(std::span<Entry> entries);
    Result<void> finish_append();
    // Whether that is worth it: where blocks are new to the file, the system needs a thread of its
    // own to finish such a write.
    bool is_room_written() const { return position_ >= unwritten_end_; }

    // What small commits will need soon; empty if there is room enough.
    std::optional<Room> wanted_room() const;
    void take_room(const Room& made);
    // Whether a commit of these entries ends before the room that is wanted.
    bool has_room_for(std::span<const Entry> entries) const;

    bool must_begin() const { return !usable_ || position_ >= segment_bytes_; }
    std::uint64_t position() const { return position_; }  // the durable end of the newest segment
    std::uint32_t last_crc() const { return last_crc_; }

  private:
    Result<void> make(Bytes head);
    Result<void> write_over(const std::string& recycled, BytesView head);
    Result<void> open();
    Result<void> allocate(std::uint64_t end);
    Result<void> add(std::span<Entry> entries);
    Result<void> write(std::span<const Entry> entries, BytesView headers);
    Result<void> complete();  // all is written

    machine::Files& files_;
    const std::string directory_;
    const std::uint64_t segment_bytes_;
    const bool sync_;
    std::string path_;
    PageStream stream_;  // outlives the write of its pages that the file has under way
    std::unique_ptr<machine::File> file_;
    bool usable_ = false;
    std::uint32_t salt_ = 0;
    std::uint32_t last_crc_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t begun_position_ = 0;  // once the append under way has ended
    std::uint32_t begun_crc_ = 0;
    std::uint64_t unwritten_end_ = 0;  // of the part that only has got its size
    std::uint64_t allocated_ = 0;      // of the file, whole pages; zeros from position_ on
};

}  // namespace mill::segment
