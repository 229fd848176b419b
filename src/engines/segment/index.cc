// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/index.h"

#include <fmt/format.h>

namespace mill::segment {
namespace {

constexpr std::string_view magic = "MILLIDX\n";
constexpr std::size_t crc_covers_from = 16;
constexpr std::size_t row_bytes = 48;
constexpr std::size_t page_crc_at = index_page_bytes - 4;

constexpr std::uint64_t whole_pages(std::uint64_t bytes) {
    return (bytes + index_page_bytes - 1) / index_page_bytes * index_page_bytes;
}

std::uint64_t pages_of(std::uint64_t places) {
    return (places + places_per_page - 1) / places_per_page;
}

// A page belongs to its segment and place.
std::uint32_t page_crc(BytesView page, std::uint32_t salt, std::uint64_t number) {
    return crc32c(page.substr(0, page_crc_at), salt + static_cast<std::uint32_t>(number));
}

void append_row(Bytes& out, const IndexRow& row) {
    append_le<std::uint64_t>(out, row.log);
    append_le<std::uint64_t>(out, row.run.base);
    append_le<std::uint64_t>(out, row.run.end);
    append_le<std::int64_t>(out, row.run.last_arrival);
    append_le<std::uint64_t>(out, row.run.bytes);
    append_le<std::uint32_t>(out, row.run.first);
    append_le<std::uint32_t>(out, row.run.batches);
}

void append_place(Bytes& out, const Place& place) {
    append_le<std::uint64_t>(out, place.base);
    append_le<std::int64_t>(out, place.last_arrival);
    append_le<std::uint32_t>(out, place.position_8);
    append_le<std::uint32_t>(out, place.payload_bytes);
    append_le<std::uint32_t>(out, place.records);
    append_le<std::uint32_t>(out, 0);
}

}  // namespace

Place place_of(const EntryHeader& header, std::uint64_t position) {
    return {.base = header.base,
            .last_arrival = header.last_arrival,
            .position_8 = static_cast<std::uint32_t>(position / entry_alignment),
            .payload_bytes = header.payload_bytes,
            .records = header.records};
}

std::uint64_t Run::bytes_from(Offset from) const {
    if (from <= base) return bytes;
    if (from >= end) return 0;
    const double part = static_cast<double>(end - from) / static_cast<double>(end - base);
    return static_cast<std::uint64_t>(static_cast<double>(bytes) * part);
}

std::uint64_t IndexHead::whole_bytes() const { return bytes + pages_of(places) * index_page_bytes; }

void IndexBuilder::add(std::uint64_t log, std::span<const Place> places) {
    Run run{.base = places.front().base,
            .end = places.back().end(),
            .last_arrival = places.back().last_arrival,
            .first = static_cast<std::uint32_t>(places_.size()),
            .batches = static_cast<std::uint32_t>(places.size())};
    for (const Place& place : places) run.bytes += place.payload_bytes;
    rows_.push_back({log, run});
    places_.insert(places_.end(), places.begin(), places.end());
}

Bytes IndexBuilder::finish(std::uint64_t segment, std::uint64_t end, std::uint32_t salt,
                           std::uint32_t last_crc) const {
    const std::uint64_t head_bytes = whole_pages(index_head_bytes_min + rows_.size() * row_bytes);
    Bytes out(magic);
    out.reserve(head_bytes + pages_of(places_.size()) * index_page_bytes);
    append_le<std::uint32_t>(out, index_version);
    append_le<std::uint32_t>(out, 0);  // the crc
    append_le<std::uint64_t>(out, head_bytes);
    append_le<std::uint64_t>(out, segment);
    append_le<std::uint64_t>(out, end);
    append_le<std::uint32_t>(out, salt);
    append_le<std::uint32_t>(out, last_crc);
    append_le<std::uint64_t>(out, rows_.size());
    append_le<std::uint64_t>(out, places_.size());
    for (const IndexRow& row : rows_) append_row(out, row);
    out.resize(head_bytes, '\0');
    store_le(out, 12, crc32c(BytesView(out).substr(crc_covers_from)));
    for (std::size_t at = 0; at < places_.size(); at += places_per_page) {
        const std::size_t page = out.size();
        const std::size_t count = std::min(places_per_page, places_.size() - at);
        for (std::size_t i = 0; i < count; ++i) append_place(out, places_[at + i]);
        out.resize(page + index_page_bytes, '\0');
        store_le(out, page + page_crc_at,
                 page_crc(BytesView(out).substr(page), salt, at / places_per_page));
    }
    return out;
}

Result<std::uint64_t> index_head_length(BytesView bytes, const std::string& path) {
    if (bytes.size() < index_head_bytes_min || !bytes.starts_with(magic))
        return corrupt(path, 0, "not an index");
    const auto version = load_le<std::uint32_t>(bytes.data() + 8);
    if (version > index_version) {
        return fail("storage.newer_format",
                    fmt::format("{} has format version {}, this Millrace reads up to {}: it was "
                                "written by a newer one",
                                path, version, index_version));
    }
    const auto length = load_le<std::uint64_t>(bytes.data() + crc_covers_from);
    const auto rows = load_le<std::uint64_t>(bytes.data() + 48);
    constexpr std::uint64_t rows_max = 1ull << 32;
    if (rows > rows_max || length != whole_pages(index_head_bytes_min + rows * row_bytes))
        return corrupt(path, 0, "its head is damaged");
    return length;
}

Result<IndexHead> decode_index_head(BytesView bytes, const std::string& path) {
    MILL_TRY(const std::uint64_t length, index_head_length(bytes, path));
    if (bytes.size() < length) return corrupt(path, bytes.size(), "it is cut off");
    bytes = bytes.substr(0, length);
    if (load_le<std::uint32_t>(bytes.data() + 12) != crc32c(bytes.substr(crc_covers_from)))
        return corrupt(path, 0, "its head is damaged");
    Source source(bytes.substr(crc_covers_from + 8));
    IndexHead head{.bytes = length};
    head.segment = source.take<std::uint64_t>();
    head.end = source.take<std::uint64_t>();
    head.salt = source.take<std::uint32_t>();
    head.last_crc = source.take<std::uint32_t>();
    const auto rows = source.take<std::uint64_t>();
    head.places = source.take<std::uint64_t>();
    head.rows.reserve(rows);
    for (std::uint64_t i = 0; i < rows; ++i) {
        IndexRow& row = head.rows.emplace_back();
        row.log = source.take<std::uint64_t>();
        row.run.base = source.take<std::uint64_t>();
        row.run.end = source.take<std::uint64_t>();
        row.run.last_arrival = source.take<std::int64_t>();
        row.run.bytes = source.take<std::uint64_t>();
        row.run.first = source.take<std::uint32_t>();
        row.run.batches = source.take<std::uint32_t>();
        row.run.segment = static_cast<std::uint32_t>(head.segment);
    }
    return head;
}

Result<IndexPage> decode_index_page(BytesView bytes, std::uint32_t salt, std::uint64_t number,
                                    const std::string& path, std::uint64_t position) {
    if (bytes.size() < index_page_bytes) return corrupt(path, position, "it is cut off");
    if (load_le<std::uint32_t>(bytes.data() + page_crc_at) != page_crc(bytes, salt, number))
        return corrupt(path, position, "a damaged page");
    IndexPage page;
    Source source(bytes);
    for (Place& place : page) {
        place.base = source.take<std::uint64_t>();
        place.last_arrival = source.take<std::int64_t>();
        place.position_8 = source.take<std::uint32_t>();
        place.payload_bytes = source.take<std::uint32_t>();
        place.records = source.take<std::uint32_t>();
        source.take<std::uint32_t>();
    }
    return page;
}

}  // namespace mill::segment
