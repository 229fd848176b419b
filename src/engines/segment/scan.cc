// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/scan.h"

#include <algorithm>

namespace mill::segment {
namespace {

constexpr std::size_t window_bytes = 1024 * 1024;

// Batches by log, as an index wants them.
class Gathered {
  public:
    void add(const EntryHeader& header, std::uint64_t position) {
        if (header.group != std::exchange(group_, header.group)) moved_.clear();
        if (header.kind == EntryKind::batch)
            logs_[header.log].push_back(place_of(header, position));
        if (header.kind == EntryKind::moved)
            moved_.push_back({header.log, place_of(header, position)});
        if (header.kind == EntryKind::remove_segment) {
            for (const auto& [log, place] : std::exchange(moved_, {})) logs_[log].push_back(place);
        }
    }
    IndexBuilder build() {
        IndexBuilder builder;
        for (auto& [log, places] : logs_) {
            std::ranges::sort(places, {}, &Place::base);
            for (std::size_t at = 0; at < places.size();) {
                std::size_t end = at + 1;
                while (end < places.size() && places[end].base == places[end - 1].end()) ++end;
                builder.add(log, std::span(places).subspan(at, end - at));
                at = end;
            }
        }
        return builder;
    }

  private:
    std::map<std::uint64_t, std::vector<Place>> logs_;
    std::uint64_t group_ = 0;
    std::vector<std::pair<std::uint64_t, Place>> moved_;
};

struct End {
    std::uint64_t position;
    std::uint32_t crc;
};

// The entries from the head to `of.sealed.end`.
Result<End> walk(Reader& reader, End at, std::uint32_t salt, const ScanOf& of, Gathered& gathered,
                 std::vector<Damage>& damages) {
    bool is_chained = damages.empty();
    while (at.position < of.sealed.end) {
        MILL_TRY(const auto header, entry_at(reader, at.position, salt));
        bool is_good = header && (!is_chained || header->previous == at.crc);
        if (is_good && header->kind == EntryKind::declare) {
            const auto name = reader.payload(*header, at.position);
            if (!name && name.error().code != "storage.corrupt") return Failure(name.error());
            is_good = name.has_value();
        }
        if (!is_good) {
            const std::uint64_t bad = at.position;
            const bool is_cut = bad + EntryHeader::bytes > reader.size();
            MILL_TRY(at.position, next_entry(reader, bad + entry_alignment, of.sealed.end, salt));
            damages.push_back({reader.path(), std::min(bad, reader.size()),
                               is_cut ? "the file is cut off" : "a damaged entry", at.position});
            is_chained = false;
            continue;
        }
        is_chained = true;
        if (of.payloads) {
            MILL_TRY(const BytesView payload,
                     reader.at(at.position + EntryHeader::bytes, header->payload_bytes));
            if (const auto damage = payload_damage(*header, payload); !damage.empty())
                damages.push_back({reader.path(), at.position, std::string(damage),
                                   at.position + header->whole_bytes()});
        }
        gathered.add(*header, at.position);
        at = {at.position + header->whole_bytes(), header->crc};
    }
    return at;
}

}  // namespace

Result<std::optional<EntryHeader>> entry_at(Reader& reader, std::uint64_t position,
                                            std::uint32_t salt) {
    MILL_TRY(const BytesView bytes, reader.at(position, EntryHeader::bytes));
    return decode_entry(bytes, salt);
}

Result<std::uint64_t> next_entry(Reader& reader, std::uint64_t position, std::uint64_t end,
                                 std::uint32_t salt) {
    const std::uint64_t last = std::min(end, reader.size());
    for (; position + EntryHeader::bytes <= last; position += entry_alignment) {
        MILL_TRY(const auto header, entry_at(reader, position, salt));
        if (header) return position;
    }
    return end;
}

Result<Reindexed> index_from_entries(const ScanOf& of) {
    Reindexed made;
    const std::string path = of.directory + "/" + segment_name(of.sealed.number);
    const auto damaged = [&](std::uint64_t position, std::string what, std::uint64_t end) {
        made.damages.push_back({path, position, std::move(what), end});
    };
    Gathered gathered;
    std::optional<std::uint32_t> salt = of.salt;
    if (!of.files.exists(path)) {
        damaged(0, "the segment is missing", of.sealed.end);
    } else {
        MILL_TRY(auto reader, Reader::open(of.files, path, window_bytes));
        const auto head = reader.head();
        // A newer Millrace would have written the newest segment as well.
        const bool is_read = head || head.error().code == "storage.corrupt" ||
                             head.error().code == "storage.newer_format";
        if (!is_read) return Failure(head.error());
        End at{of.sealed.end, of.sealed.last_crc};
        if (head && head->number == of.sealed.number) {
            salt = head->salt;
            at = {head->bytes, head->crc};
        } else {
            if (salt) {
                MILL_TRY(at.position, next_entry(reader, 0, of.sealed.end, *salt));
            }
            damaged(0, head ? "it is another segment's file" : "its head is damaged", at.position);
        }
        MILL_TRY(at, walk(reader, at, salt.value_or(0), of, gathered, made.damages));
        if (at.position != of.sealed.end)
            damaged(at.position, "its end is missing", of.sealed.end);
        else if (made.damages.empty() && at.crc != of.sealed.last_crc)
            damaged(at.position, "its last entry is another", of.sealed.end);
    }
    Bytes bytes = gathered.build().finish(of.sealed.number, of.sealed.end, salt.value_or(0),
                                          of.sealed.last_crc);
    MILL_TRY(made.head, decode_index_head(bytes, path));
    made.bytes = std::make_shared<const Bytes>(std::move(bytes));
    return made;
}

}  // namespace mill::segment
