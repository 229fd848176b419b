// SPDX-License-Identifier: Apache-2.0
// Writer: appends commits to the newest segment. Blocks: used inside offload, by one commit at a
// time.
//
// After a failed write or sync nobody knows what the disk holds, so that segment is never written
// again: the next one begins with a head that says where the good part of the failed one ends.
#pragma once

#include <span>

#include "engines/segment/format.h"
#include "machine/files.h"

namespace mill::segment {

struct Entry {
    EntryHeader header;
    std::shared_ptr<const Bytes> payload;  // may be null
    std::uint64_t position = 0;            // where it went, set by Writer::append
};

class Writer {
  public:
    Writer(machine::Files& files, std::string directory, std::uint64_t segment_bytes, bool sync);

    // Makes the segment that `head` begins and turns to it. It is durable with its name when this
    // succeeds. `recycled`: a file of the directory to write it on; empty for a new one.
    Result<void> begin(const Head& head, const std::string& recycled);
    // Goes on with a segment that recovery has read and synced up to `position`.
    Result<void> resume(const Head& head, std::uint64_t position, std::uint32_t last_crc);
    // One gather write and one sync for all entries.
    Result<void> append(std::span<Entry> entries);

    bool must_begin() const { return !usable_ || position_ >= segment_bytes_; }
    std::uint64_t position() const { return position_; }  // the durable end of the newest segment
    std::uint32_t last_crc() const { return last_crc_; }

  private:
    Result<void> make(const std::string& path, Bytes head);
    Result<void> write_over(const std::string& recycled, const std::string& path, BytesView head);
    std::uint64_t allocation_for(std::uint64_t end) const;
    Result<void> allocate(std::uint64_t end);

    machine::Files& files_;
    const std::string directory_;
    const std::uint64_t segment_bytes_;
    const bool sync_;
    std::unique_ptr<machine::File> file_;
    bool usable_ = false;
    std::uint32_t salt_ = 0;
    std::uint32_t last_crc_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t allocated_ = 0;  // the file is written up to here, with zeros from position_
};

}  // namespace mill::segment
