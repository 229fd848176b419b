// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/log.h"

#include <algorithm>

#include "engines/segment/reader.h"

namespace mill::segment {
namespace {

constexpr std::size_t window_bytes = 64 * 1024;

// A batch to be read from its file, or one that memory has.
struct Wanted {
    Place place;
    std::uint32_t salt = 0;
    StoredBatch batch;
};

struct ReadWork {
    machine::Files& files;
    std::string directory;
    std::uint64_t log;
    std::vector<Wanted> wanted;
    Result<void> result = {};
    std::uint64_t segment = 0;  // where it failed
};

Result<void> read_one(Reader& reader, std::uint64_t log, Wanted& wanted) {
    const std::uint64_t position = wanted.place.position();
    MILL_TRY(const BytesView bytes,
             reader.at(position, EntryHeader::bytes + wanted.place.payload_bytes));
    const auto header = decode_entry(bytes, wanted.salt);
    if (!header || header->log != log || header->base != wanted.place.base) {
        return corrupt(reader.path(), position, "a damaged entry");
    }
    MILL_TRY(const BytesView payload, reader.payload(*header, position));
    wanted.batch = {.base = header->base,
                    .records = header->records,
                    .first_arrival = from_epoch_ms(header->first_arrival),
                    .last_arrival = from_epoch_ms(header->last_arrival),
                    .payload = std::make_shared<const Bytes>(payload)};
    return {};
}

Result<void> read_all(ReadWork& work) {
    std::optional<Reader> reader;
    for (Wanted& wanted : work.wanted) {
        if (wanted.batch.payload) continue;
        if (!reader || work.segment != wanted.place.segment) {
            work.segment = wanted.place.segment;
            const std::string path = work.directory + "/" + segment_name(work.segment);
            MILL_TRY(reader, Reader::open(work.files, path, window_bytes));
        }
        MILL_CHECK(read_one(*reader, work.log, wanted));
    }
    return {};
}

// The batches that a read with these limits returns.
std::vector<Wanted> choose(const LogState& log, Offset from, ReadLimits limits) {
    std::vector<Wanted> wanted;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    auto at = std::ranges::partition_point(log.places,
                                           [&](const Place& place) { return place.end() <= from; });
    for (; at != log.places.end(); ++at) {
        records += at->records;
        bytes += at->payload_bytes;
        if (!wanted.empty() && (records > limits.records || bytes > limits.bytes)) break;
        wanted.push_back({.place = *at});
    }
    return wanted;
}

Task<Result<Offset>> ready(Offset offset) { co_return offset; }

}  // namespace

Task<Result<std::vector<StoredBatch>>> Store::read(std::uint64_t log, Offset from,
                                                   ReadLimits limits) {
    while (true) {
        std::vector<StoredBatch> batches;
        const LogState* state = catalogue_.find(log);
        if (!state) co_return batches;
        auto work = std::make_shared<ReadWork>(machine_.files, directory_, log,
                                               choose(*state, from, limits));
        bool in_memory = true;
        for (Wanted& wanted : work->wanted) {
            wanted.salt = catalogue_.salt(wanted.place.segment);
            if (const StoredBatch* cached = cache_.find(log, wanted.place.base))
                wanted.batch = *cached;
            in_memory = in_memory && wanted.batch.payload;
        }
        if (!in_memory) {
            co_await machine::offload(machine_.executor,
                                      [work] { work->result = read_all(*work); });
        }
        // Trimmed while it was being read: what is left is another answer.
        if (!work->result && !catalogue_.has_segment(work->segment)) continue;
        MILL_CO_CHECK(work->result);
        for (Wanted& wanted : work->wanted) batches.push_back(std::move(wanted.batch));
        co_return batches;
    }
}

Task<Result<Offset>> Store::Log::append(Batch batch) {
    MILL_ASSERT(batch.records > 0);
    const EntryHeader header{.kind = EntryKind::batch,
                             .log = id_,
                             .records = batch.records,
                             .first_arrival = epoch_ms(batch.first_arrival),
                             .last_arrival = epoch_ms(batch.last_arrival)};
    return store_.enqueue(header, std::make_shared<const Bytes>(std::move(batch.payload))).take();
}

Task<Result<std::vector<StoredBatch>>> Store::Log::read(Offset from, ReadLimits limits) {
    return store_.read(id_, from, limits);
}

Task<Result<Offset>> Store::Log::offset_at(WallTime time) {
    const LogState* log = state();
    if (!log) return ready(0);
    const auto at = std::ranges::lower_bound(log->places, epoch_ms(time), {}, &Place::last_arrival);
    return ready(at == log->places.end() ? log->next : at->base);
}

Task<Result<void>> Store::Log::trim(Offset before) {
    const LogState* log = state();
    const Offset first = store_.catalogue_.trim_point(id_, before);
    if (!log || first <= log->first) return nothing_to_do();
    return settled(store_.enqueue({.kind = EntryKind::trim, .log = id_, .base = first}));
}

storage::Bounds Store::Log::bounds() const {
    const LogState* log = state();
    return log ? storage::Bounds{log->first, log->next} : storage::Bounds{};
}

WallTime Store::Log::last_arrival() const {
    const LogState* log = state();
    return log ? from_epoch_ms(log->last_arrival) : WallTime();
}

}  // namespace mill::segment
