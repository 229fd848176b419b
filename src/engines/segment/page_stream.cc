// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/page_stream.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/assert.h"

namespace mill::segment {
namespace {

constexpr std::align_val_t page{machine::page_bytes};

}  // namespace

PageBuffer::PageBuffer(std::size_t bytes)
    : bytes_(bytes), data_(static_cast<char*>(::operator new(bytes, page))) {}

void PageBuffer::Free::operator()(char* data) const { ::operator delete(data, page); }

void PageStream::start(std::uint64_t position, BytesView begun) {
    MILL_ASSERT(begun.size() == position % machine::page_bytes);
    at_ = position - begun.size();
    filled_ = begun.copy(buffer_.data(), begun.size());
}

Result<void> PageStream::add(machine::File& file, BytesView bytes) {
    while (!bytes.empty()) {
        const std::size_t taken = std::min(bytes.size(), buffer_.size() - filled_);
        std::memcpy(buffer_.data() + filled_, bytes.data(), taken);
        bytes.remove_prefix(taken);
        filled_ += taken;
        if (filled_ < buffer_.size()) break;
        MILL_CHECK(file.write_at(at_, BytesView(buffer_.data(), filled_)));
        at_ += filled_;
        filled_ = 0;
    }
    return {};
}

Result<void> PageStream::flush(machine::File& file) {
    if (filled_ == 0) return {};
    MILL_CHECK(file.write_at(at_, filled_pages()));
    turn_over();
    return {};
}

Result<void> PageStream::begin_flush(machine::File& file) {
    if (filled_ == 0) return {};
    return file.begin_write_at(at_, filled_pages());
}

Result<void> PageStream::finish_flush(machine::File& file) {
    MILL_CHECK(file.finish_write());
    turn_over();
    return {};
}

BytesView PageStream::filled_pages() {
    const std::size_t end =
        (filled_ + machine::page_bytes - 1) / machine::page_bytes * machine::page_bytes;
    std::memset(buffer_.data() + filled_, 0, end - filled_);
    return {buffer_.data(), end};
}

// The page that is not full yet comes to the front.
void PageStream::turn_over() {
    const std::size_t rest = filled_ % machine::page_bytes;
    const std::size_t whole = filled_ - rest;
    std::memmove(buffer_.data(), buffer_.data() + whole, rest);
    at_ += whole;
    filled_ = rest;
}

}  // namespace mill::segment
