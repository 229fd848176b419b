// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/recovery.h"

#include <algorithm>

#include "engines/segment/index_reader.h"
#include "engines/segment/scan.h"
#include "engines/segment/tail.h"

namespace mill::segment {
namespace {

constexpr std::size_t window_bytes = 1024 * 1024;

// What is in a sealed segment, by its index; by its entries if that is lost.
Result<void> add_sealed(machine::Files& files, const std::string& directory,
                        const Head::Sealed& sealed, Catalogue& catalogue) {
    const std::string path = directory + "/" + segment_name(sealed.number);
    auto index = IndexReader::head(files, directory + "/" + index_name(sealed.number), sealed);
    if (index) {
        if (!files.exists(path))
            catalogue.add_damage(sealed.number, {path, 0, "the segment is missing", sealed.end});
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
                             const Contents& contents) {
    for (const std::string& name : contents.names) {
        auto number = segment_number(name);
        if (!number) number = index_number(name);
        if (number && !contents.catalogue.has_segment(*number))
            MILL_CHECK(files.remove(directory + "/" + name));
    }
    return {};
}

Result<void> remove_unfinished(machine::Files& files, const std::string& directory) {
    MILL_TRY(const auto entries, files.list(directory));
    for (const machine::DirectoryEntry& entry : entries) {
        if (entry.name.ends_with(".new")) MILL_CHECK(files.remove(directory + "/" + entry.name));
    }
    // A name that is used from here on must stay.
    return files.sync_directory(directory);
}

}  // namespace

Result<Contents> read_contents(machine::Files& files, const std::string& directory) {
    Contents contents;
    MILL_TRY(const auto entries, files.list(directory));
    std::uint64_t newest = 0;
    for (const machine::DirectoryEntry& entry : entries) {
        contents.names.push_back(entry.name);
        newest = std::max(newest, segment_number(entry.name).value_or(0));
    }
    if (newest == 0) return contents;
    MILL_TRY(auto reader,
             Reader::open(files, directory + "/" + segment_name(newest), window_bytes));
    MILL_TRY(contents.head, reader.head());
    const Head& head = contents.head;
    if (head.number != newest) return corrupt(reader.path(), 0, "it is another segment's file");
    Catalogue& catalogue = contents.catalogue;
    catalogue.begin(head);
    for (const Head::Sealed& sealed : head.segments)
        MILL_CHECK(add_sealed(files, directory, sealed, catalogue));
    catalogue.add_segment(newest, head.salt);
    MILL_TRY(contents.tail, read_tail(reader, head, catalogue));
    if (!catalogue.mark_lost()) return corrupt(directory, 0, "records of a log are there twice");
    return contents;
}

Result<Recovered> recover(machine::Files& files, const std::string& directory, Writer& writer) {
    MILL_CHECK(remove_unfinished(files, directory));
    MILL_TRY(Contents contents, read_contents(files, directory));
    const Head& head = contents.head;
    const Tail& tail = contents.tail;
    Recovered recovered;
    for (const std::string& name : contents.names) {
        if (free_number(name)) recovered.free_files.push_back(name);
    }
    if (head.number == 0) return recovered;
    MILL_CHECK(clear_remains(files, directory + "/" + segment_name(head.number), tail));
    MILL_CHECK(remove_unneeded(files, directory, contents));
    MILL_CHECK(writer.resume(head, tail.end, tail.last_crc));
    recovered.next_log_id = std::max(head.next_log_id, tail.log_id_max + 1);
    recovered.catalogue = std::move(contents.catalogue);
    return recovered;
}

}  // namespace mill::segment
