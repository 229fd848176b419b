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
Result<End> walk(Reader& reader, const Head& head, const ScanOf& of, Gathered& gathered,
                 std::vector<Damage>& damages) {
    End at{head.bytes, head.crc};
    bool is_chained = true;
    while (at.position < of.sealed.end) {
        MILL_TRY(const auto header, entry_at(reader, at.position, head.salt));
        if (!header || (is_chained && header->previous != at.crc)) {
            damages.push_back({reader.path(), at.position, "a damaged entry"});
            is_chained = false;
            MILL_TRY(at.position,
                     next_entry(reader, at.position + entry_alignment, of.sealed.end, head.salt));
            continue;
        }
        is_chained = true;
        if (of.payloads) {
            if (const auto payload = reader.payload(*header, at.position); !payload) {
                if (payload.error().code != "storage.corrupt") return Failure(payload.error());
                damages.push_back(
                    {reader.path(), at.position, "the payload does not match its CRC"});
            }
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
    end = std::min(end, reader.size());
    for (; position + EntryHeader::bytes <= end; position += entry_alignment) {
        MILL_TRY(const auto header, entry_at(reader, position, salt));
        if (header) return position;
    }
    return end;
}

Result<Reindexed> index_from_entries(const ScanOf& of) {
    Reindexed made;
    const std::string path = of.directory + "/" + segment_name(of.sealed.number);
    const auto damaged = [&](std::uint64_t position, std::string what) {
        made.damages.push_back({path, position, std::move(what)});
    };
    Gathered gathered;
    std::uint32_t salt = 0;
    if (!of.files.exists(path)) {
        damaged(0, "the segment is missing");
    } else {
        MILL_TRY(auto reader, Reader::open(of.files, path, window_bytes));
        const auto head = reader.head();
        if (!head && head.error().code != "storage.corrupt") return Failure(head.error());
        if (!head) {
            damaged(0, "its head is damaged");
        } else if (head->number != of.sealed.number) {
            damaged(0, "it is another segment's file");
        } else {
            salt = head->salt;
            MILL_TRY(const End end, walk(reader, *head, of, gathered, made.damages));
            if (made.damages.empty() &&
                (end.position != of.sealed.end || end.crc != of.sealed.last_crc))
                damaged(end.position, "its end is missing");
        }
    }
    Bytes bytes =
        gathered.build().finish(of.sealed.number, of.sealed.end, salt, of.sealed.last_crc);
    MILL_TRY(made.head, decode_index_head(bytes, path));
    made.bytes = std::make_shared<const Bytes>(std::move(bytes));
    return made;
}

}  // namespace mill::segment
