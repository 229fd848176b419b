// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace mill::segment {
namespace {

constexpr std::uint32_t entry_magic = 0x4c4c494d;  // "MILL"
constexpr std::string_view head_magic = "MILLSEG\n";
constexpr std::size_t head_crc_covers_from = 16;
constexpr std::uint64_t head_bytes_max = 1ull << 31;
constexpr std::string_view segment_ending = ".segment";
constexpr std::string_view index_ending = ".index";
constexpr std::string_view mark_ending = ".mark";
constexpr std::string_view free_ending = ".free";
constexpr std::size_t name_digits = 20;

std::optional<std::uint64_t> number_before(std::string_view name, std::string_view ending) {
    if (name.size() != name_digits + ending.size() || !name.ends_with(ending)) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name_digits, number);
    if (error != std::errc() || end != name.data() + name_digits) return std::nullopt;
    return number;
}

}  // namespace

void store_le(Bytes& bytes, std::size_t at, std::uint32_t value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

std::uint32_t encode_entry(const EntryHeader& header, std::uint32_t salt, Bytes& out) {
    std::array<char, EntryHeader::bytes> raw;
    std::size_t at = 0;
    const auto put = [&raw, &at](auto value) {
        std::memcpy(raw.data() + at, &value, sizeof value);
        at += sizeof value;
    };
    put(entry_magic);
    put(std::uint32_t{0});  // the crc
    put(header.previous);
    put(header.payload_crc);
    put(static_cast<std::uint32_t>(header.kind));
    put(header.records);
    put(header.log);
    put(header.base);
    put(header.first_arrival);
    put(header.last_arrival);
    put(header.payload_bytes);
    put(static_cast<std::uint32_t>(header.group / entry_alignment));
    MILL_ASSERT(at == raw.size());
    const std::uint32_t crc = crc32c(BytesView(raw.data() + 8, raw.size() - 8), salt);
    std::memcpy(raw.data() + 4, &crc, sizeof crc);
    out.append(raw.data(), raw.size());
    return crc;
}

std::optional<EntryHeader> decode_entry(BytesView bytes, std::uint32_t salt) {
    if (bytes.size() < EntryHeader::bytes) return std::nullopt;
    Source source(bytes);
    if (source.take<std::uint32_t>() != entry_magic) return std::nullopt;
    EntryHeader header;
    header.crc = source.take<std::uint32_t>();
    if (header.crc != crc32c(bytes.substr(8, EntryHeader::bytes - 8), salt)) return std::nullopt;
    header.previous = source.take<std::uint32_t>();
    header.payload_crc = source.take<std::uint32_t>();
    header.kind = static_cast<EntryKind>(source.take<std::uint32_t>());
    header.records = source.take<std::uint32_t>();
    header.log = source.take<std::uint64_t>();
    header.base = source.take<std::uint64_t>();
    header.first_arrival = source.take<std::int64_t>();
    header.last_arrival = source.take<std::int64_t>();
    header.payload_bytes = source.take<std::uint32_t>();
    header.group = source.take<std::uint32_t>() * entry_alignment;
    const bool has_records = header.kind == EntryKind::batch || header.kind == EntryKind::moved;
    const bool are_sound = header.records > 0 && header.base <= ~Offset{0} - header.records;
    if (has_records && !are_sound) return std::nullopt;
    return header;
}

std::string_view payload_damage(const EntryHeader& header, BytesView payload) {
    if (payload.size() != header.payload_bytes) return "the entry is cut off";
    return crc32c(payload) == header.payload_crc ? "" : "the payload does not match its CRC";
}

Bytes encode_head(const Head& head) {
    Bytes body;
    append_le<std::uint64_t>(body, head.number);
    append_le<std::uint32_t>(body, head.salt);
    append_le<std::uint32_t>(body, head.names_lost_by);
    append_le<std::uint64_t>(body, head.next_log_id);
    append_le<std::uint32_t>(body, static_cast<std::uint32_t>(head.segments.size()));
    append_le<std::uint32_t>(body, static_cast<std::uint32_t>(head.logs.size()));
    for (const Head::Sealed& segment : head.segments) {
        append_le<std::uint64_t>(body, segment.number);
        append_le<std::uint64_t>(body, segment.end);
        append_le<std::uint32_t>(body, segment.last_crc);
        append_le<std::uint32_t>(body, 0);
    }
    for (const Head::Log& log : head.logs) {
        append_le<std::uint64_t>(body, log.id);
        append_le<std::uint64_t>(body, log.first);
        append_le<std::uint64_t>(body, log.next);
        append_le<std::int64_t>(body, log.last_arrival);
        append_le<std::uint32_t>(body, log.stopped_by);
        append_le<std::uint32_t>(body, static_cast<std::uint32_t>(log.name.size()));
        body += log.name;
    }
    Bytes out(head_magic);
    append_le<std::uint32_t>(out, format_version);
    append_le<std::uint32_t>(out, 0);  // the crc
    append_le<std::uint64_t>(out, aligned(out.size() + 8 + body.size()));
    out += body;
    out.resize(aligned(out.size()), '\0');
    store_le(out, 12, crc32c(BytesView(out).substr(head_crc_covers_from)));
    return out;
}

std::uint32_t head_crc(BytesView encoded) { return load_le<std::uint32_t>(encoded.data() + 12); }

Result<std::uint64_t> head_length(BytesView bytes, const std::string& path) {
    if (bytes.size() < head_bytes_min || !bytes.starts_with(head_magic))
        return corrupt(path, 0, "not a segment");
    const auto version = load_le<std::uint32_t>(bytes.data() + 8);
    if (version > format_version) {
        return fail("storage.newer_format",
                    fmt::format("{} has format version {}, this Millrace reads up to {}: it was "
                                "written by a newer one",
                                path, version, format_version));
    }
    const auto length = load_le<std::uint64_t>(bytes.data() + head_crc_covers_from);
    if (version == 0 || length < head_bytes_min || length > head_bytes_max)
        return corrupt(path, 0, "its head is damaged");
    return length;
}

Result<Head> decode_head(BytesView bytes, const std::string& path) {
    MILL_TRY(const std::uint64_t length, head_length(bytes, path));
    if (bytes.size() < length) return corrupt(path, 0, "its head is cut off");
    bytes = bytes.substr(0, length);
    Head head{.version = load_le<std::uint32_t>(bytes.data() + 8),
              .bytes = length,
              .crc = head_crc(bytes)};
    if (head.crc != crc32c(bytes.substr(head_crc_covers_from)))
        return corrupt(path, 0, "its head is damaged");
    Source source(bytes.substr(head_crc_covers_from + 8));
    head.number = source.take<std::uint64_t>();
    head.salt = source.take<std::uint32_t>();
    head.names_lost_by = source.take<std::uint32_t>();
    head.next_log_id = source.take<std::uint64_t>();
    const auto segments = source.take<std::uint32_t>();
    const auto logs = source.take<std::uint32_t>();
    for (std::uint32_t i = 0; i < segments && !source.failed(); ++i) {
        Head::Sealed& segment = head.segments.emplace_back();
        segment.number = source.take<std::uint64_t>();
        segment.end = source.take<std::uint64_t>();
        segment.last_crc = source.take<std::uint32_t>();
        source.take<std::uint32_t>();
    }
    for (std::uint32_t i = 0; i < logs && !source.failed(); ++i) {
        Head::Log& log = head.logs.emplace_back();
        log.id = source.take<std::uint64_t>();
        log.first = source.take<std::uint64_t>();
        log.next = source.take<std::uint64_t>();
        log.last_arrival = source.take<std::int64_t>();
        if (head.version > 1) log.stopped_by = source.take<std::uint32_t>();
        log.name = source.take_bytes(source.take<std::uint32_t>());
    }
    if (source.failed()) return corrupt(path, 0, "its head is damaged");
    const auto is_older = [&](const Head::Sealed& sealed) { return sealed.number < head.number; };
    const auto is_known = [&](const Head::Log& log) {
        return log.first <= log.next && log.id < head.next_log_id;
    };
    if (!std::ranges::all_of(head.segments, is_older) || !std::ranges::all_of(head.logs, is_known))
        return corrupt(path, 0, "its head contradicts itself");
    return head;
}

Failure corrupt(const std::string& path, std::uint64_t position, std::string_view what) {
    return fail("storage.corrupt", fmt::format("{} at byte {}: {}", path, position, what));
}

std::string segment_name(std::uint64_t number) {
    return fmt::format("{:020}{}", number, segment_ending);
}

std::string index_name(std::uint64_t number) {
    return fmt::format("{:020}{}", number, index_ending);
}

std::string mark_name(std::uint64_t number) { return fmt::format("{:020}{}", number, mark_ending); }

std::string free_name(std::uint64_t number) { return fmt::format("{:020}{}", number, free_ending); }

std::optional<std::uint64_t> segment_number(std::string_view name) {
    return number_before(name, segment_ending);
}

std::optional<std::uint64_t> index_number(std::string_view name) {
    return number_before(name, index_ending);
}

std::optional<std::uint64_t> mark_number(std::string_view name) {
    return number_before(name, mark_ending);
}

std::optional<std::uint64_t> free_number(std::string_view name) {
    return number_before(name, free_ending);
}

}  // namespace mill::segment
