// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/writer.h"

#include <algorithm>

namespace mill::segment {
namespace {

// Overwriting zeros costs a sync less than growing the file does, as its size and extents stay as
// they are.
constexpr std::uint64_t allocation_step_min = 64 * 1024;
constexpr std::uint64_t allocation_steps = 16;  // a segment

}  // namespace

Writer::Writer(machine::Files& files, std::string directory, std::uint64_t segment_bytes, bool sync)
    : files_(files), directory_(std::move(directory)), segment_bytes_(segment_bytes), sync_(sync) {}

// Always beyond the end: a file that ends where its entries end has been cut off.
std::uint64_t Writer::allocation_for(std::uint64_t end) const {
    const std::uint64_t step = std::max(segment_bytes_ / allocation_steps, allocation_step_min);
    return end / step * step + step;
}

// The size is durable before anything is written that needs it, so that no torn commit looks like a
// file that was cut off.
Result<void> Writer::allocate(std::uint64_t end) {
    if (end < allocated_) return {};
    const std::uint64_t allocated = allocation_for(end);
    MILL_CHECK(file_->write_at(end, Bytes(allocated - end, '\0')));
    MILL_CHECK(file_->sync());
    allocated_ = allocated;
    return {};
}

// Under its final name a segment always has a whole head.
Result<void> Writer::begin(const Head& head, const std::string& recycled) {
    usable_ = false;
    Bytes bytes = encode_head(head);
    const std::uint64_t position = bytes.size();
    const std::uint32_t crc = head_crc(bytes);
    const std::string path = directory_ + "/" + segment_name(head.number);
    if (recycled.empty()) {
        MILL_CHECK(make(path, std::move(bytes)));
    } else {
        MILL_CHECK(write_over(directory_ + "/" + recycled, path, bytes));
    }
    salt_ = head.salt;
    last_crc_ = crc;
    position_ = position;
    usable_ = true;
    return {};
}

Result<void> Writer::make(const std::string& path, Bytes head) {
    head.resize(allocation_for(head.size()), '\0');
    MILL_CHECK(machine::write_file_durably(files_, path, head));
    MILL_TRY(file_, files_.open(path, machine::Open::write));
    allocated_ = head.size();
    return {};
}

// What the file's last life left after the head has another salt.
Result<void> Writer::write_over(const std::string& recycled, const std::string& path,
                                BytesView head) {
    MILL_TRY(file_, files_.open(recycled, machine::Open::write));
    MILL_CHECK(file_->write_at(0, head));
    MILL_CHECK(file_->sync());
    MILL_CHECK(files_.rename(recycled, path));
    MILL_CHECK(files_.sync_directory(directory_));
    MILL_TRY(allocated_, file_->size());
    return {};
}

Result<void> Writer::resume(const Head& head, std::uint64_t position, std::uint32_t last_crc) {
    MILL_TRY(file_,
             files_.open(directory_ + "/" + segment_name(head.number), machine::Open::write));
    MILL_TRY(allocated_, file_->size());
    salt_ = head.salt;
    last_crc_ = last_crc;
    position_ = position;
    usable_ = head.version == format_version;  // what an older Millrace began is not written to
    return {};
}

Result<void> Writer::append(std::span<Entry> entries) {
    usable_ = false;  // until it succeeds
    Bytes headers;
    headers.reserve(entries.size() * EntryHeader::bytes);
    std::uint64_t end = position_;
    std::uint32_t crc = last_crc_;
    for (Entry& entry : entries) {
        entry.position = end;
        entry.header.group = position_;
        entry.header.previous = crc;
        if (entry.payload) {
            entry.header.payload_bytes = static_cast<std::uint32_t>(entry.payload->size());
            entry.header.payload_crc = crc32c(*entry.payload);
        }
        crc = encode_entry(entry.header, salt_, headers);
        end += entry.header.whole_bytes();
    }
    static constexpr char padding[entry_alignment] = {};
    std::vector<BytesView> pieces;
    pieces.reserve(entries.size() * 3);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        pieces.push_back(BytesView(headers).substr(i * EntryHeader::bytes, EntryHeader::bytes));
        if (!entries[i].payload) continue;
        pieces.push_back(*entries[i].payload);
        if (const auto odd = entries[i].payload->size() % entry_alignment)
            pieces.emplace_back(padding, entry_alignment - odd);
    }
    MILL_CHECK(allocate(end));
    MILL_CHECK(file_->write_at(position_, pieces));
    if (sync_) MILL_CHECK(file_->sync());
    position_ = end;
    last_crc_ = crc;
    usable_ = true;
    return {};
}

}  // namespace mill::segment
