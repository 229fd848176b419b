// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/tail.h"

#include "engines/segment/scan.h"

namespace mill::segment {
namespace {

struct Found {
    EntryHeader header;
    std::uint64_t position;
};

// Payloads are checked when they are read, but for names.
Result<void> apply_commit(Reader& reader, const std::vector<Found>& commit, Catalogue& catalogue,
                          Tail& tail) {
    for (const auto& [header, position] : commit) {
        Bytes name;
        if (header.kind == EntryKind::declare) {
            MILL_TRY(name, reader.payload(header, position));
        }
        if (!catalogue.apply(header, name, position))
            return corrupt(reader.path(), position, "the entry contradicts those before it");
        tail.log_id_max = std::max(tail.log_id_max, header.log);
    }
    return {};
}

// All but the last commit had been durable before the next was written. Of that one, whole entries
// before the first torn one stay. What the mark knows is not torn: readers will meet the damage.
Result<void> cut_torn(Reader& reader, std::uint64_t durable_end, std::vector<Found>& commit,
                      Tail& tail) {
    for (std::size_t i = 0; i < commit.size(); ++i) {
        if (commit[i].position < durable_end) continue;
        const auto payload = reader.payload(commit[i].header, commit[i].position);
        if (payload) continue;
        if (payload.error().code != "storage.corrupt") return Failure(payload.error());
        tail.end = commit[i].position;
        tail.last_crc = commit[i].header.previous;
        commit.resize(i);
    }
    return {};
}

// An entry that was written after everything before it had become durable proves that what is bad
// at the end was good.
Result<void> expect_only_torn(Reader& reader, std::uint32_t salt, Tail& tail) {
    std::uint64_t at = tail.end;
    while (true) {
        MILL_TRY(at, next_entry(reader, at, reader.size(), salt));
        if (at >= reader.size()) return {};
        MILL_TRY(const auto header, entry_at(reader, at, salt));
        if (header->group > tail.end)
            return corrupt(reader.path(), tail.end, "a damaged entry before intact ones");
        tail.remains.push_back(at);
        at += entry_alignment;
    }
}

// Whatever was written lies well before the end of the file: what touches it was cut off. In
// version 1 the file grew together with the commit.
Result<void> expect_not_cut(Reader& reader, const Head& head, std::uint64_t end) {
    if (head.version == 1) return {};
    MILL_TRY(const auto header, entry_at(reader, end, head.salt));
    bool is_cut = end >= reader.size();
    if (header) is_cut = end + header->whole_bytes() > reader.size();
    if (end + EntryHeader::bytes > reader.size()) {
        MILL_TRY(const BytesView rest, reader.at(end, EntryHeader::bytes));
        is_cut = is_cut || rest.find_first_not_of('\0') != BytesView::npos;
    }
    return is_cut ? corrupt(reader.path(), reader.size(), "the file is cut off") : Result<void>();
}

}  // namespace

Result<Tail> read_tail(Reader& reader, const Head& head, const std::optional<Mark>& mark,
                       Catalogue& catalogue) {
    Tail tail{.end = head.bytes, .last_crc = head.crc};
    std::vector<Found> commit;
    while (true) {
        MILL_TRY(const auto header, entry_at(reader, tail.end, head.salt));
        if (!header || header->previous != tail.last_crc) break;
        if (!commit.empty() && commit.front().header.group != header->group) {
            MILL_CHECK(apply_commit(reader, commit, catalogue, tail));
            commit.clear();
        }
        commit.push_back({*header, tail.end});
        tail.end += header->whole_bytes();
        tail.last_crc = header->crc;
    }
    MILL_CHECK(expect_not_cut(reader, head, tail.end));
    const std::uint64_t durable_end = mark ? mark->end : 0;
    tail.last_commit = commit.empty() ? tail.end : commit.front().position;
    MILL_CHECK(cut_torn(reader, durable_end, commit, tail));
    if (tail.end < durable_end) return corrupt(reader.path(), tail.end, "a damaged entry");
    MILL_CHECK(apply_commit(reader, commit, catalogue, tail));
    MILL_CHECK(expect_only_torn(reader, head.salt, tail));
    return tail;
}

}  // namespace mill::segment
