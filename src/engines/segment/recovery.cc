// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/recovery.h"

#include <algorithm>

#include "engines/segment/index_reader.h"
#include "engines/segment/over_damage.h"
#include "engines/segment/scan.h"
#include "engines/segment/tail.h"

namespace mill::segment {
namespace {

constexpr std::size_t window_bytes = 1024 * 1024;

// What is in a sealed segment, by its index; by its entries if that is lost.
Result<void> add_sealed(machine::Files& files, const std::string& directory,
                        const Head::Sealed& sealed, std::uint32_t salt, Catalogue& catalogue) {
    const std::string path = directory + "/" + segment_name(sealed.number);
    auto index = IndexReader::head(files, directory + "/" + index_name(sealed.number), sealed);
    if (index) {
        if (!files.exists(path))
            catalogue.add_damage(sealed.number, {path, 0, "the segment is missing", sealed.end});
        catalogue.add_sealed(*index, nullptr);
        return {};
    }
    if (index.error().code != index_damaged) return Failure(index.error());
    MILL_TRY(Reindexed made, index_from_entries({files, directory, sealed, false, salt}));
    catalogue.add_sealed(made.head, std::move(made.bytes));
    for (Damage& damage : made.damages) catalogue.add_damage(sealed.number, std::move(damage));
    return {};
}

// Writes that part of a file again and syncs it. A crash of the program, not of the machine, leaves
// bytes that were written but not synced yet, or whose sync failed: these are read, and no longer
// written by anyone. From here on readers see them.
Result<void> make_durable(machine::File& file, std::uint64_t begin, std::uint64_t end) {
    Bytes bytes(window_bytes, '\0');
    for (std::uint64_t at = begin; at < end; at += bytes.size()) {
        const std::size_t wanted = std::min<std::uint64_t>(bytes.size(), end - at);
        MILL_TRY(const std::size_t count, file.read_at(at, bytes.data(), wanted));
        MILL_CHECK(file.write_at(at, BytesView(bytes).substr(0, count)));
    }
    return file.sync();
}

// The remains of a torn commit must not follow what is written next.
Result<void> clear_remains(machine::Files& files, const std::string& path, const Tail& tail) {
    MILL_TRY(auto file, files.open(path, machine::Open::write));
    for (const std::uint64_t position : tail.remains)
        MILL_CHECK(file->write_at(position, Bytes(EntryHeader::bytes, '\0')));
    return make_durable(*file, tail.last_commit, tail.end);
}

Result<void> remove_unneeded(machine::Files& files, const std::string& directory,
                             const Contents& contents) {
    for (const std::string& name : contents.names) {
        auto number = segment_number(name);
        if (!number) number = index_number(name);
        const auto mark = mark_number(name);
        if ((number && !contents.catalogue.has_segment(*number)) ||
            (mark && mark != contents.head.number))
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

// Segments count up, and their salts with them.
Result<void> add_all_sealed(machine::Files& files, const std::string& directory, const Head& head,
                            Catalogue& catalogue) {
    for (const Head::Sealed& sealed : head.segments) {
        const auto salt = head.salt - static_cast<std::uint32_t>(head.number - sealed.number);
        MILL_CHECK(add_sealed(files, directory, sealed, salt, catalogue));
    }
    return {};
}

Result<Contents> finished(Contents contents, const std::string& directory) {
    if (!contents.catalogue.mark_lost())
        return corrupt(directory, 0, "records of a log are there twice or behind its end");
    return contents;
}

Result<Head> newest_head(Reader& reader, std::uint64_t number, std::optional<Mark>& mark) {
    auto head = reader.head();
    // A newer Millrace would have written a newer mark as well.
    if (!head && head.error().code == "storage.newer_format" && mark)
        return corrupt(reader.path(), 0, "its head is damaged");
    if (head && head->number != number)
        return corrupt(reader.path(), 0, "it is another segment's file");
    if (head && mark && mark->salt != head->salt) mark.reset();
    return head;
}

Result<Contents> read_intact(machine::Files& files, const std::string& directory,
                             std::uint64_t newest, std::optional<Mark>& mark) {
    const std::string path = directory + "/" + segment_name(newest);
    if (!files.exists(path)) return corrupt(path, 0, "the segment is missing");
    MILL_TRY(auto reader, Reader::open(files, path, window_bytes));
    Contents contents;
    MILL_TRY(contents.head, newest_head(reader, newest, mark));
    contents.catalogue.begin(contents.head);
    MILL_CHECK(add_all_sealed(files, directory, contents.head, contents.catalogue));
    contents.catalogue.add_segment(newest, contents.head.salt);
    MILL_TRY(contents.tail, read_tail(reader, contents.head, mark, contents.catalogue));
    return finished(std::move(contents), directory);
}

// `damaged` is what is wrong with it.
Result<Contents> read_over_damage(machine::Files& files, const std::string& directory,
                                  std::uint64_t newest, const std::optional<Mark>& mark,
                                  const Error& damaged) {
    Contents contents{.is_over_damage = true};
    MILL_TRY(contents.head, state_over_damage(files, directory, newest, mark));
    contents.catalogue.begin(contents.head);
    MILL_CHECK(add_all_sealed(files, directory, contents.head, contents.catalogue));
    // Only what is found again at the next start may be passed over.
    if (!contents.catalogue.damages().contains(newest)) return Failure(damaged);
    contents.catalogue.add_segment(contents.head.number, contents.head.salt);
    return finished(std::move(contents), directory);
}

// The segment after the damaged one: what is known of the damage stays known.
Result<void> begin_after_damage(machine::Files& files, const std::string& directory,
                                const Head& head, Writer& writer) {
    const std::string path = directory + "/" + segment_name(head.number - 1);
    if (files.exists(path)) {
        MILL_TRY(auto file, files.open(path, machine::Open::write));
        MILL_TRY(const std::uint64_t size, file->size());
        MILL_CHECK(make_durable(*file, 0, size));
    }
    return writer.begin(head, {});
}

}  // namespace

Result<Contents> read_contents(machine::Files& files, const std::string& directory) {
    std::vector<std::string> names;
    MILL_TRY(const auto entries, files.list(directory));
    std::uint64_t newest = 0;
    for (const machine::DirectoryEntry& entry : entries) {
        names.push_back(entry.name);
        newest = std::max(
            {newest, segment_number(entry.name).value_or(0), mark_number(entry.name).value_or(0)});
    }
    if (newest == 0) return Contents{.names = std::move(names)};
    MILL_TRY(auto mark, read_mark(files, directory, newest));
    auto contents = read_intact(files, directory, newest, mark);
    if (!contents && contents.error().code == "storage.corrupt")
        contents = read_over_damage(files, directory, newest, mark, contents.error());
    if (contents) contents->names = std::move(names);
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
    if (contents.is_over_damage) {
        MILL_CHECK(begin_after_damage(files, directory, head, writer));
    } else {
        MILL_CHECK(clear_remains(files, directory + "/" + segment_name(head.number), tail));
        MILL_CHECK(writer.resume(head, tail.end, tail.last_crc));
    }
    MILL_CHECK(remove_unneeded(files, directory, contents));
    recovered.next_log_id = std::max(head.next_log_id, tail.log_id_max + 1);
    recovered.catalogue = std::move(contents.catalogue);
    return recovered;
}

}  // namespace mill::segment
