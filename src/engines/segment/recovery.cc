// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/recovery.h"

#include <fmt/format.h>

#include <algorithm>

#include "engines/segment/reader.h"

namespace mill::segment {
namespace {

constexpr std::size_t window_bytes = 1024 * 1024;

struct Found {
    EntryHeader header;
    std::uint64_t position;
    Bytes name;  // of a declare entry
};

// The entries of the newest segment up to its torn tail.
struct Tail {
    std::vector<Found> entries;
    std::uint64_t end;
    std::uint32_t last_crc;
};

Result<std::optional<EntryHeader>> entry_at(Reader& reader, std::uint64_t position,
                                            std::uint32_t salt) {
    MILL_TRY(const BytesView bytes, reader.at(position, EntryHeader::bytes));
    return decode_entry(bytes, salt);
}

// An entry that was written after everything before it had become durable proves that what is bad
// at `bad` was good.
Result<void> expect_only_torn(Reader& reader, std::uint64_t bad, std::uint32_t salt) {
    for (std::uint64_t at = bad + entry_alignment; at + EntryHeader::bytes <= reader.size();
         at += entry_alignment) {
        MILL_TRY(const auto header, entry_at(reader, at, salt));
        if (header && header->group > bad)
            return corrupt(reader.path(), bad, "a damaged entry before intact ones");
    }
    return {};
}

Result<Tail> read_newest(Reader& reader, const Head& head) {
    Tail tail{.end = head.bytes, .last_crc = head.crc};
    while (true) {
        MILL_TRY(const auto header, entry_at(reader, tail.end, head.salt));
        if (!header || header->previous != tail.last_crc) break;
        const auto payload = reader.payload(*header, tail.end);
        if (!payload && payload.error().code != "storage.corrupt") return Failure(payload.error());
        if (!payload) break;
        const bool named = header->kind == EntryKind::declare;
        tail.entries.push_back({*header, tail.end, named ? Bytes(*payload) : Bytes()});
        tail.end += header->whole_bytes();
        tail.last_crc = header->crc;
    }
    MILL_CHECK(expect_only_torn(reader, tail.end, head.salt));
    return tail;
}

// Batches of a sealed segment. Payloads are checked when they are read.
Result<void> restore_sealed(machine::Files& files, const std::string& directory,
                            const Head::Sealed& sealed, Catalogue& catalogue) {
    MILL_TRY(auto reader,
             Reader::open(files, directory + "/" + segment_name(sealed.number), window_bytes));
    MILL_TRY(const Head head, reader.head());
    if (head.number != sealed.number)
        return corrupt(reader.path(), 0, "it is another segment's file");
    catalogue.set_salt(sealed.number, head.salt);
    std::uint64_t position = head.bytes;
    std::uint32_t crc = head.crc;
    while (position < sealed.end) {
        MILL_TRY(const auto header, entry_at(reader, position, head.salt));
        if (!header || header->previous != crc)
            return corrupt(reader.path(), position, "a damaged entry");
        if (!catalogue.restore(*header, sealed.number, position)) {
            return corrupt(reader.path(), position, "the entry does not continue its log");
        }
        position += header->whole_bytes();
        crc = header->crc;
    }
    if (position != sealed.end || crc != sealed.last_crc)
        return corrupt(reader.path(), position, "its end is missing");
    return {};
}

// The remains of a torn commit must not follow what is written next.
Result<void> clear_tail(machine::Files& files, Reader& reader, std::uint64_t end) {
    MILL_TRY(auto file, files.open(reader.path(), machine::Open::write));
    for (std::uint64_t at = end; at < reader.size(); at += window_bytes) {
        MILL_TRY(const BytesView bytes, reader.at(at, window_bytes));
        if (bytes.find_first_not_of('\0') == BytesView::npos) continue;
        MILL_CHECK(file->write_at(at, Bytes(bytes.size(), '\0')));
    }
    // A crash of the program, not of the machine, leaves entries that were written but not synced
    // yet: from here on readers see them.
    return file->sync();
}

Result<std::vector<std::uint64_t>> segment_numbers(machine::Files& files,
                                                   const std::string& directory) {
    std::vector<std::uint64_t> numbers;
    MILL_TRY(const auto entries, files.list(directory));
    for (const machine::DirectoryEntry& entry : entries) {
        if (entry.name.ends_with(".segment.new"))
            MILL_CHECK(files.remove(directory + "/" + entry.name));
        if (const auto number = segment_number(entry.name)) numbers.push_back(*number);
    }
    return numbers;
}

Result<void> restore_all_sealed(machine::Files& files, const std::string& directory,
                                const Head& head, const Tail& tail, Catalogue& catalogue) {
    std::vector<std::uint64_t> removed;
    for (const Found& found : tail.entries) {
        if (found.header.kind == EntryKind::remove_segment) removed.push_back(found.header.base);
        catalogue.foresee(found.header, found.name);
    }
    for (const Head::Sealed& sealed : head.segments) {
        if (std::ranges::find(removed, sealed.number) != removed.end()) continue;
        const std::string path = directory + "/" + segment_name(sealed.number);
        if (!files.exists(path)) return corrupt(path, 0, "the segment is missing");
        MILL_CHECK(restore_sealed(files, directory, sealed, catalogue));
    }
    return {};
}

}  // namespace

Result<Recovered> recover(machine::Files& files, const std::string& directory, Writer& writer) {
    Recovered recovered;
    Catalogue& catalogue = recovered.catalogue;
    MILL_TRY(const auto numbers, segment_numbers(files, directory));
    if (numbers.empty()) return recovered;
    MILL_CHECK(files.sync_directory(directory));  // a name that is used from here on must stay

    MILL_TRY(auto reader,
             Reader::open(files, directory + "/" + segment_name(numbers.back()), window_bytes));
    MILL_TRY(const Head head, reader.head());
    if (head.number != numbers.back())
        return corrupt(reader.path(), 0, "it is another segment's file");
    MILL_TRY(const Tail tail, read_newest(reader, head));
    catalogue.begin(head);
    MILL_CHECK(restore_all_sealed(files, directory, head, tail, catalogue));
    catalogue.add_segment(head.number, head.salt);
    recovered.next_log_id = head.next_log_id;
    for (const Found& found : tail.entries) {
        if (!catalogue.apply(found.header, found.name, head.number, found.position)) {
            return corrupt(reader.path(), found.position, "the entry contradicts those before it");
        }
        recovered.next_log_id = std::max(recovered.next_log_id, found.header.log + 1);
    }
    if (const LogState* log = catalogue.incomplete()) {
        return corrupt(directory, 0, fmt::format("records of log \"{}\" are missing", log->name));
    }
    MILL_CHECK(clear_tail(files, reader, tail.end));
    for (const std::uint64_t number : numbers) {
        if (!catalogue.has_segment(number))
            MILL_CHECK(files.remove(directory + "/" + segment_name(number)));
    }
    MILL_CHECK(writer.resume(head, tail.end, tail.last_crc));
    return recovered;
}

}  // namespace mill::segment
