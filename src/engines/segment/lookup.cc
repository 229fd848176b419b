// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/lookup.h"

#include <algorithm>

namespace mill::segment {
namespace {

// Neighbours in a file are read together, if not too much of other logs lies between them.
constexpr std::uint64_t gap_bytes_max = 4096;
constexpr std::uint64_t span_bytes_max = 1024 * 1024;

struct Wanted {
    std::uint64_t segment;
    std::uint32_t salt;
    Place place;
};

// Collects places until the limits are met.
class Choice {
  public:
    explicit Choice(ReadLimits limits) : limits_(limits) {}
    bool add(const Piece& piece, const Place& place) {
        records_ += place.records;
        bytes_ += place.payload_bytes;
        if (!wanted.empty() && (records_ > limits_.records || bytes_ > limits_.bytes)) return false;
        wanted.push_back({piece.run.segment, piece.index.salt, place});
        return true;
    }
    std::vector<Wanted> wanted;

  private:
    const ReadLimits limits_;
    std::uint64_t records_ = 0;
    std::uint64_t bytes_ = 0;
};

// False when the limits are met.
Result<bool> choose_sealed(IndexReader& reader, const Piece& piece, Offset from, Choice& choice) {
    MILL_TRY(const std::uint32_t skipped,
             reader.count_before(piece.index, piece.run,
                                 [&](const Place& place) { return place.end() <= from; }));
    for (std::uint32_t i = skipped; i < piece.run.batches; ++i) {
        MILL_TRY(const Place place, reader.place(piece.index, piece.run.first + i));
        if (!choice.add(piece, place)) return false;
    }
    return true;
}

Result<void> choose(Lookup& lookup, Offset from, Choice& choice) {
    IndexReader reader(lookup.files, lookup.directory, lookup.cache);
    for (const Piece& piece : lookup.pieces) {
        lookup.segment = piece.run.is_lost() ? 0 : piece.run.segment;
        if (piece.run.is_lost()) return fail("storage.corrupt", piece.loss);
        if (!piece.is_newest) {
            MILL_TRY(const bool goes_on, choose_sealed(reader, piece, from, choice));
            if (!goes_on) return {};
            continue;
        }
        for (const Place& place : piece.places) {
            if (!choice.add(piece, place)) return {};
        }
    }
    return {};
}

Result<StoredBatch> take_batch(BytesView span, std::uint64_t span_at, const Wanted& wanted,
                               std::uint64_t log, const std::string& path) {
    const std::uint64_t position = wanted.place.position();
    const BytesView bytes =
        span.size() <= position - span_at ? BytesView() : span.substr(position - span_at);
    if (bytes.size() < EntryHeader::bytes) return corrupt(path, position, "the file is cut off");
    const auto header = decode_entry(bytes, wanted.salt);
    if (!header || header->log != log || header->base != wanted.place.base ||
        header->payload_bytes != wanted.place.payload_bytes)
        return corrupt(path, position, "a damaged entry");
    const BytesView payload = bytes.substr(EntryHeader::bytes, header->payload_bytes);
    if (const auto damage = payload_damage(*header, payload); !damage.empty())
        return corrupt(path, position, damage);
    return StoredBatch{.base = header->base,
                       .records = header->records,
                       .first_arrival = from_epoch_ms(header->first_arrival),
                       .last_arrival = from_epoch_ms(header->last_arrival),
                       .payload = std::make_shared<const Bytes>(payload)};
}

// The end of the neighbours that begin at `begin`.
std::size_t span_end(const std::vector<Wanted>& wanted, std::size_t begin) {
    std::size_t end = begin + 1;
    for (; end < wanted.size() && wanted[end].segment == wanted[begin].segment; ++end) {
        const std::uint64_t before = wanted[end - 1].place.entry_end();
        const std::uint64_t at = wanted[end].place.position();
        if (at < before || at - before > gap_bytes_max ||
            wanted[end].place.entry_end() - wanted[begin].place.position() > span_bytes_max)
            break;
    }
    return end;
}

Result<void> read_wanted(Lookup& lookup, const std::vector<Wanted>& all,
                         std::vector<StoredBatch>& batches) {
    std::unique_ptr<machine::File> file;
    std::uint64_t size = 0;  // what an entry says of its length is not believed beyond it
    for (std::size_t begin = 0; begin < all.size();) {
        const Wanted& first = all[begin];
        const std::string path = lookup.directory + "/" + segment_name(first.segment);
        if (!file || lookup.segment != first.segment) {
            lookup.segment = first.segment;
            auto opened = lookup.files.open(path, machine::Open::read);
            if (!opened && opened.error().code == "io.not_found")
                return corrupt(path, first.place.position(), "the segment is missing");
            if (!opened) return Failure(opened.error());
            file = *std::move(opened);
            MILL_TRY(size, file->size());
        }
        const std::size_t end = span_end(all, begin);
        const std::uint64_t at = first.place.position();
        Bytes span(std::min(all[end - 1].place.entry_end(), std::max(size, at)) - at, '\0');
        MILL_TRY(const std::size_t count, file->read_at(at, span.data(), span.size()));
        span.resize(count);
        for (; begin < end; ++begin) {
            MILL_TRY(batches.emplace_back(), take_batch(span, at, all[begin], lookup.log, path));
        }
    }
    return {};
}

// Base of the run's first batch that is not `before`.
template <class Before>
Result<Offset> first_not(Lookup& lookup, Before before) {
    const Piece& piece = lookup.pieces.front();
    lookup.segment = piece.run.segment;
    if (piece.run.is_lost()) return piece.run.base;
    IndexReader reader(lookup.files, lookup.directory, lookup.cache);
    MILL_TRY(const std::uint32_t count, reader.count_before(piece.index, piece.run, before));
    if (count == piece.run.batches) return piece.run.end;
    MILL_TRY(const Place place, reader.place(piece.index, piece.run.first + count));
    return place.base;
}

}  // namespace

Result<std::vector<StoredBatch>> read_batches(Lookup& lookup, Offset from, ReadLimits limits) {
    Choice choice(limits);
    auto chosen = choose(lookup, from, choice);
    if (!chosen && (choice.wanted.empty() || chosen.error().code != "storage.corrupt"))
        return Failure(chosen.error());
    std::vector<StoredBatch> batches;
    auto read = read_wanted(lookup, choice.wanted, batches);
    if (!read && (batches.empty() || read.error().code != "storage.corrupt"))
        return Failure(read.error());
    return batches;
}

Result<Offset> batch_after(Lookup& lookup, Offset before) {
    return first_not(lookup, [&](const Place& place) { return place.end() <= before; });
}

Result<Offset> batch_at(Lookup& lookup, std::int64_t time) {
    return first_not(lookup, [&](const Place& place) { return place.last_arrival < time; });
}

}  // namespace mill::segment
