// SPDX-License-Identifier: Apache-2.0
// PageStream: bytes one after the other into a file, written in whole pages from memory aligned to
// them, so that they may go past the system's cache (machine::Open::write_direct): a log is written
// once and read from the tail cache, and filling the system's cache costs several times what the
// write does. The page that is not full yet is filled up with zeros, and written again with what
// comes next.
#pragma once

#include <memory>

#include "machine/files.h"

namespace mill::segment {

// Memory that begins at a page.
class PageBuffer {
  public:
    explicit PageBuffer(std::size_t bytes);
    char* data() { return data_.get(); }
    std::size_t size() const { return bytes_; }

  private:
    struct Free {
        void operator()(char* data) const;
    };
    std::size_t bytes_;
    std::unique_ptr<char, Free> data_;
};

class PageStream {
  public:
    // Goes on at `position` of a file, whose page so far is `begun`.
    void start(std::uint64_t position, BytesView begun);
    Result<void> add(machine::File& file, BytesView bytes);
    // Writes what is left of what was added. finish_flush() sees to the end of what was begun;
    // nothing is added in between.
    Result<void> flush(machine::File& file);
    Result<void> begin_flush(machine::File& file);
    Result<void> finish_flush(machine::File& file);

  private:
    BytesView filled_pages();
    void turn_over();

    static constexpr std::size_t buffer_bytes = 512 * 1024;
    PageBuffer buffer_{buffer_bytes};
    std::uint64_t at_ = 0;  // of the buffer in the file: a multiple of a page
    std::size_t filled_ = 0;
};

}  // namespace mill::segment
