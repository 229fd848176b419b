// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/writer.h"

#include <algorithm>

namespace mill::segment {
namespace {

// Overwriting zeros costs a sync a third less than growing the file does, as its size and extents
// stay as they are. So small commits find zeros, written beside them and a little ahead; for large
// ones these would be as much work again, and the file only gets its size.
constexpr std::uint64_t room_bytes = 256 * 1024;
constexpr std::uint64_t first_room_bytes = 64 * 1024;
constexpr std::uint64_t allocation_step_min = 64 * 1024;
constexpr std::uint64_t allocation_steps = 16;  // a segment

// The next multiple of `step`. Always beyond the end: a file that ends where its entries end has
// been cut off.
std::uint64_t beyond(std::uint64_t end, std::uint64_t step) { return end / step * step + step; }

BytesView begun_page(BytesView bytes) {
    return bytes.substr(bytes.size() - bytes.size() % machine::page_bytes);
}

}  // namespace

Result<void> make_room(machine::Files& files, const Room& room) {
    MILL_TRY(auto file, files.open(room.path, machine::Open::write_direct));
    PageBuffer zeros(room.to - room.from);
    std::fill_n(zeros.data(), zeros.size(), '\0');
    MILL_CHECK(file->write_at(room.from, BytesView(zeros.data(), zeros.size())));
    return file->sync();
}

Writer::Writer(machine::Files& files, std::string directory, std::uint64_t segment_bytes, bool sync)
    : files_(files), directory_(std::move(directory)), segment_bytes_(segment_bytes), sync_(sync) {}

std::optional<Room> Writer::wanted_room() const {
    const bool is_enough = allocated_ >= position_ + room_bytes || allocated_ >= segment_bytes_;
    if (!usable_ || !sync_ || is_enough) return std::nullopt;
    return Room{path_, allocated_, allocated_ + room_bytes};
}

void Writer::take_room(const Room& made) {
    if (made.path == path_ && made.from == allocated_) allocated_ = made.to;
}

bool Writer::has_room_for(std::span<const Entry> entries) const {
    std::uint64_t end = position_ + machine::page_bytes;
    for (const Entry& entry : entries)
        end += aligned(EntryHeader::bytes + (entry.payload ? entry.payload->size() : 0));
    return end < allocated_;
}

// The size is durable before anything is written that needs it, so that no torn commit looks like a
// file that was cut off.
Result<void> Writer::allocate(std::uint64_t end) {
    if (end < allocated_) return {};
    const std::uint64_t step = std::max(segment_bytes_ / allocation_steps, allocation_step_min);
    const std::uint64_t allocated = beyond(end, step);
    MILL_CHECK(file_->truncate(allocated));
    MILL_CHECK(file_->sync());
    allocated_ = unwritten_end_ = allocated;
    return {};
}

// Under its final name a segment always has a whole head.
Result<void> Writer::begin(const Head& head, const std::string& recycled) {
    usable_ = false;
    const Bytes bytes = encode_head(head);
    path_ = directory_ + "/" + segment_name(head.number);
    if (recycled.empty()) {
        MILL_CHECK(make(bytes));
    } else {
        MILL_CHECK(write_over(directory_ + "/" + recycled, bytes));
    }
    stream_.start(bytes.size(), begun_page(bytes));
    salt_ = head.salt;
    last_crc_ = head_crc(bytes);
    position_ = bytes.size();
    usable_ = true;
    return {};
}

Result<void> Writer::open() {
    const auto how = sync_ ? machine::Open::write_direct : machine::Open::write;
    MILL_TRY(file_, files_.open(path_, how));
    MILL_TRY(const std::uint64_t size, file_->size());
    allocated_ = size / machine::page_bytes * machine::page_bytes;
    unwritten_end_ = 0;
    return {};
}

Result<void> Writer::make(Bytes head) {
    head.resize(beyond(head.size(), first_room_bytes), '\0');
    MILL_CHECK(machine::write_file_durably(files_, path_, head));
    return open();
}

// What the file's last life left after the head has another salt.
Result<void> Writer::write_over(const std::string& recycled, BytesView head) {
    MILL_TRY(auto file, files_.open(recycled, machine::Open::write));
    MILL_CHECK(file->write_at(0, head));
    MILL_CHECK(file->sync());
    MILL_CHECK(files_.rename(recycled, path_));
    MILL_CHECK(files_.sync_directory(directory_));
    return open();
}

Result<void> Writer::resume(const Head& head, std::uint64_t position, std::uint32_t last_crc) {
    path_ = directory_ + "/" + segment_name(head.number);
    MILL_CHECK(open());
    unwritten_end_ = allocated_;  // perhaps
    Bytes begun(position % machine::page_bytes, '\0');
    MILL_TRY(const std::size_t read,
             file_->read_at(position - begun.size(), begun.data(), begun.size()));
    if (read != begun.size()) return corrupt(path_, position, "the file is cut off");
    stream_.start(position, begun);
    salt_ = head.salt;
    last_crc_ = last_crc;
    position_ = position;
    usable_ = head.version == format_version;  // what an older Millrace began is not written to
    return {};
}

Result<void> Writer::append(std::span<Entry> entries) {
    MILL_CHECK(add(entries));
    MILL_CHECK(stream_.flush(*file_));
    return complete();
}

Result<void> Writer::begin_append(std::span<Entry> entries) {
    MILL_CHECK(add(entries));
    return stream_.begin_flush(*file_);
}

Result<void> Writer::finish_append() {
    MILL_CHECK(stream_.finish_flush(*file_));
    return complete();
}

Result<void> Writer::add(std::span<Entry> entries) {
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
    MILL_CHECK(allocate(end));
    begun_position_ = end;
    begun_crc_ = crc;
    return write(entries, headers);
}

Result<void> Writer::complete() {
    if (sync_) MILL_CHECK(file_->sync());
    position_ = begun_position_;
    last_crc_ = begun_crc_;
    usable_ = true;
    return {};
}

Result<void> Writer::write(std::span<const Entry> entries, BytesView headers) {
    static constexpr char padding[entry_alignment] = {};
    for (const Entry& entry : entries) {
        MILL_CHECK(stream_.add(*file_, headers.substr(0, EntryHeader::bytes)));
        headers.remove_prefix(EntryHeader::bytes);
        if (!entry.payload) continue;
        MILL_CHECK(stream_.add(*file_, *entry.payload));
        const std::size_t odd = entry.payload->size() % entry_alignment;
        if (odd) MILL_CHECK(stream_.add(*file_, BytesView(padding, entry_alignment - odd)));
    }
    return {};
}

}  // namespace mill::segment
