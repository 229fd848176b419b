// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/recovery.h"

#include <algorithm>

#include "engines/segment/index_reader.h"
#include "engines/segment/scan.h"
#include "engines/segment/tail.h"

namespace mill::segment {
namespace {

constexpr std::size_t window_bytes = 1024 * 1024;

struct Names {
    std::vector<std::uint64_t> segments;
    std::vector<std::uint64_t> indexes;
    std::vector<std::string> free_files;
};

Result<Names> list_names(machine::Files& files, const std::string& directory) {
    Names names;
    MILL_TRY(const auto entries, files.list(directory));
    for (const machine::DirectoryEntry& entry : entries) {
        if (entry.name.ends_with(".new")) MILL_CHECK(files.remove(directory + "/" + entry.name));
        if (const auto number = segment_number(entry.name)) names.segments.push_back(*number);
        if (const auto number = index_number(entry.name)) names.indexes.push_back(*number);
        if (free_number(entry.name)) names.free_files.push_back(entry.name);
    }
    return names;
}

// What is in a sealed segment, by its index; by its entries if that is lost.
Result<void> add_sealed(machine::Files& files, const std::string& directory,
                        const Head::Sealed& sealed, Catalogue& catalogue) {
    const std::string path = directory + "/" + segment_name(sealed.number);
    auto index = IndexReader::head(files, directory + "/" + index_name(sealed.number), sealed);
    if (index) {
        if (!files.exists(path))
            catalogue.add_damage(sealed.number, {path, 0, "the segment is missing"});
        catalogue.add_sealed(*index, nullptr);
        return {};
    }
    if (index.error().code != index_damaged) return Failure(index.error());
    MILL_TRY(Reindexed made, index_from_entries({files, directory, sealed}));
    catalogue.add_sealed(made.head, std::move(made.bytes));
    for (Damage& damage : made.damages) catalogue.add_damage(sealed.number, std::move(damage));
    return {};
}

// The remains of a torn commit must not follow what is written next.
Result<void> clear_remains(machine::Files& files, const std::string& path, const Tail& tail) {
    MILL_TRY(auto file, files.open(path, machine::Open::write));
    for (const std::uint64_t position : tail.remains)
        MILL_CHECK(file->write_at(position, Bytes(EntryHeader::bytes, '\0')));
    // A crash of the program, not of the machine, leaves entries that were written but not synced
    // yet: from here on readers see them.
    return file->sync();
}

Result<void> remove_unneeded(machine::Files& files, const std::string& directory,
                             const Names& names, const Catalogue& catalogue) {
    for (const std::uint64_t number : names.segments) {
        if (!catalogue.has_segment(number))
            MILL_CHECK(files.remove(directory + "/" + segment_name(number)));
    }
    for (const std::uint64_t number : names.indexes) {
        if (!catalogue.has_segment(number))
            MILL_CHECK(files.remove(directory + "/" + index_name(number)));
    }
    return {};
}

}  // namespace

Result<Recovered> recover(machine::Files& files, const std::string& directory, Writer& writer) {
    Recovered recovered;
    Catalogue& catalogue = recovered.catalogue;
    MILL_TRY(const Names names, list_names(files, directory));
    if (names.segments.empty()) return recovered;
    MILL_CHECK(files.sync_directory(directory));  // a name that is used from here on must stay

    const std::uint64_t newest = names.segments.back();
    MILL_TRY(auto reader,
             Reader::open(files, directory + "/" + segment_name(newest), window_bytes));
    MILL_TRY(const Head head, reader.head());
    if (head.number != newest) return corrupt(reader.path(), 0, "it is another segment's file");
    catalogue.begin(head);
    for (const Head::Sealed& sealed : head.segments)
        MILL_CHECK(add_sealed(files, directory, sealed, catalogue));
    catalogue.add_segment(newest, head.salt);
    MILL_TRY(const Tail tail, read_tail(reader, head, catalogue));
    recovered.next_log_id = std::max(head.next_log_id, tail.log_id_max + 1);
    if (!catalogue.mark_lost()) return corrupt(directory, 0, "records of a log are there twice");
    MILL_CHECK(clear_remains(files, reader.path(), tail));
    MILL_CHECK(remove_unneeded(files, directory, names, catalogue));
    recovered.free_files = names.free_files;
    MILL_CHECK(writer.resume(head, tail.end, tail.last_crc));
    return recovered;
}

}  // namespace mill::segment
