// SPDX-License-Identifier: Apache-2.0
// Reads a segment file through a window, so that neighbouring entries cost one read. Blocks: used
// inside offload and at the start. Not shared.
#pragma once

#include "engines/segment/format.h"
#include "machine/files.h"

namespace mill::segment {

class Reader {
  public:
    static Result<Reader> open(machine::Files& files, std::string path, std::size_t window_bytes);

    // Up to `count` bytes from `position`, fewer at the end of the file. Good until the next call.
    Result<BytesView> at(std::uint64_t position, std::size_t count);
    // The head, checked.
    Result<Head> head();
    // The payload of an entry at `position`; "storage.corrupt" if it is not as its header says.
    Result<BytesView> payload(const EntryHeader& header, std::uint64_t position);
    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }

  private:
    Reader(std::unique_ptr<machine::File> file, std::string path, std::size_t window_bytes,
           std::uint64_t size)
        : file_(std::move(file)),
          path_(std::move(path)),
          window_bytes_(window_bytes),
          size_(size) {}

    std::unique_ptr<machine::File> file_;
    std::string path_;
    std::size_t window_bytes_;
    std::uint64_t size_;
    Bytes window_;
    std::uint64_t window_at_ = 0;
};

}  // namespace mill::segment
