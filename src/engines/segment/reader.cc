// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/reader.h"

#include <algorithm>

namespace mill::segment {

Result<Reader> Reader::open(machine::Files& files, std::string path, std::size_t window_bytes) {
    MILL_TRY(auto file, files.open(path, machine::Open::read));
    MILL_TRY(const std::uint64_t size, file->size());
    return Reader(std::move(file), std::move(path), window_bytes, size);
}

Result<BytesView> Reader::at(std::uint64_t position, std::size_t count) {
    const std::uint64_t end = std::min<std::uint64_t>(size_, position + count);
    if (position >= end) return BytesView();
    if (position < window_at_ || end > window_at_ + window_.size()) {
        window_.resize(std::min<std::uint64_t>(std::max(count, window_bytes_), size_ - position));
        window_at_ = position;
        auto read = file_->read_at(position, window_.data(), window_.size());
        window_.resize(read.value_or(0));
        if (!read) return Failure(read.error());
    }
    return BytesView(window_).substr(position - window_at_, end - position);
}

Result<Head> Reader::head() {
    MILL_TRY(const BytesView start, at(0, head_bytes_min));
    MILL_TRY(const std::uint64_t length, head_length(start, path_));
    MILL_TRY(const BytesView whole, at(0, length));
    return decode_head(whole, path_);
}

Result<BytesView> Reader::payload(const EntryHeader& header, std::uint64_t position) {
    MILL_TRY(const BytesView bytes, at(position + EntryHeader::bytes, header.payload_bytes));
    if (const auto damage = payload_damage(header, bytes); !damage.empty())
        return corrupt(path_, position, damage);
    return bytes;
}

}  // namespace mill::segment
