// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/log.h"

#include <algorithm>

#include "engines/segment/scan.h"

namespace mill::segment {
namespace {

Task<Result<Offset>> ready(Offset offset) { co_return offset; }

Result<Offset> find_after(Lookup& lookup, Offset before, ReadLimits) {
    return batch_after(lookup, before);
}

Result<Offset> find_time(Lookup& lookup, Offset time, ReadLimits) {
    return batch_at(lookup, static_cast<std::int64_t>(time));
}

// The places of a run in the newest segment.
std::span<const Place> places_of(const LogState& log, const Run& run) {
    return std::span(log.places).subspan(run.first, run.batches);
}

}  // namespace

std::shared_ptr<Lookup> Store::lookup(std::uint64_t log) const {
    return std::make_shared<Lookup>(Lookup{
        .files = machine_.files, .directory = directory_, .cache = index_cache_, .log = log});
}

Piece Store::piece(const LogState& log, const Run& run) const {
    Piece piece{.run = run, .is_newest = run.segment == catalogue_.newest_segment()};
    if (run.is_lost()) {
        piece.loss = catalogue_.loss_text(log, run);
    } else {
        piece.index = catalogue_.index(run.segment);
    }
    return piece;
}

// Answers where it may block. Empty: the state has changed meanwhile, or an index had to be made
// again; ask anew.
template <class T>
Task<std::optional<Result<T>>> Store::ask(std::shared_ptr<Lookup> what, Answer<T> answer, Offset at,
                                          ReadLimits limits) {
    auto result = std::make_shared<std::optional<Result<T>>>();
    co_await machine::offload(machine_.executor, [what, answer, at, limits, result] {
        result->emplace(answer(*what, at, limits));
    });
    if (**result) co_return std::move(*result);
    if (what->segment != 0 && !catalogue_.has_segment(what->segment)) co_return std::nullopt;
    if ((*result)->error().code == index_damaged) {
        machine_.log.warning("storage.index_damaged", {{"error", (*result)->error().message}});
        auto made = co_await make_index_again(what->segment);
        if (made) co_return std::nullopt;
        *result = Result<T>(Failure(made.error()));
    }
    if ((*result)->error().code == "storage.corrupt")
        co_return Result<T>(damaged((*result)->error()));
    co_return std::move(*result);
}

template Task<std::optional<Result<std::vector<StoredBatch>>>> Store::ask(
    std::shared_ptr<Lookup>, Answer<std::vector<StoredBatch>>, Offset, ReadLimits);

Task<Result<std::vector<StoredBatch>>> Store::read(std::uint64_t log, Offset from,
                                                   ReadLimits limits) {
    while (true) {
        const LogState* state = catalogue_.find(log);
        if (!state || from >= state->next) {
            MILL_CO_CHECK(expect_known(log));
            co_return std::vector<StoredBatch>();
        }
        from = std::max(from, state->first);
        if (auto batches = cache_.read(log, from, limits); !batches.empty()) co_return batches;
        auto what = lookup(log);
        std::uint64_t records = 0;  // of the pieces after the first
        std::uint64_t bytes = 0;
        for (auto run = state->run_at(from); run != state->runs.end(); ++run) {
            Piece& next = what->pieces.emplace_back(piece(*state, *run));
            if (next.is_newest) {
                const auto places = places_of(*state, *run);
                auto place = std::ranges::upper_bound(places, from, {}, &Place::end);
                for (; place != places.end(); ++place) {
                    next.places.push_back(*place);
                    records += place->records;
                    bytes += place->payload_bytes;
                    if (records > limits.records || bytes > limits.bytes) break;
                }
            } else if (what->pieces.size() > 1) {
                records += run->end - run->base;
                bytes += run->bytes;
            }
            if (records > limits.records || bytes > limits.bytes) break;
        }
        auto answer = co_await ask<std::vector<StoredBatch>>(what, &read_batches, from, limits);
        if (answer) co_return *std::move(answer);
    }
}

Task<Result<Offset>> Store::offset_at(std::uint64_t log, std::int64_t time) {
    while (true) {
        const LogState* state = catalogue_.find(log);
        if (!state) co_return Offset(0);
        const auto run = std::ranges::lower_bound(state->runs, time, {}, &Run::last_arrival);
        if (run == state->runs.end()) co_return state->next;
        if (run->segment == catalogue_.newest_segment() && !run->is_lost()) {
            const auto places = places_of(*state, *run);
            const auto at = std::ranges::lower_bound(places, time, {}, &Place::last_arrival);
            co_return std::max(at->base, state->first);
        }
        auto what = lookup(log);
        what->pieces.push_back(piece(*state, *run));
        auto answer = co_await ask<Offset>(what, &find_time, static_cast<Offset>(time), {});
        if (!answer) continue;
        MILL_CO_CHECK(*answer);
        state = catalogue_.find(log);
        co_return std::max(**answer, state ? state->first : 0);
    }
}

// What a log's first offset becomes when batches that end at or before `before` go.
Task<Result<Offset>> Store::trim_point(std::uint64_t log, Offset before) {
    while (true) {
        const LogState* state = catalogue_.find(log);
        if (!state) co_return Offset(0);
        const auto run = state->run_at(before);
        if (run == state->runs.end()) co_return state->next;
        if (run->is_lost() || before <= run->base) co_return std::max(run->base, state->first);
        if (run->segment == catalogue_.newest_segment()) {
            const auto places = places_of(*state, *run);
            co_return std::ranges::upper_bound(places, before, {}, &Place::end)->base;
        }
        auto what = lookup(log);
        what->pieces.push_back(piece(*state, *run));
        auto answer = co_await ask<Offset>(what, &find_after, before, {});
        if (answer) co_return *std::move(answer);
    }
}

Task<Result<void>> Store::trim(std::uint64_t log, Offset before) {
    MILL_CO_TRY(const Offset first, co_await trim_point(log, before));
    const LogState* state = catalogue_.find(log);
    if (!state || first <= state->first) co_return Result<void>();
    co_return co_await settled(enqueue({.kind = EntryKind::trim, .log = log, .base = first}));
}

// Everything that an index says is in its segment.
Task<Result<void>> Store::make_index_again(std::uint64_t segment) {
    auto made = std::make_shared<std::optional<Result<Reindexed>>>();
    const ScanOf of{machine_.files, directory_, catalogue_.sealed(segment), false,
                    catalogue_.salt(segment)};
    co_await machine::offload(machine_.executor,
                              [made, of] { made->emplace(index_from_entries(of)); });
    MILL_CO_CHECK(**made);
    if (!catalogue_.has_segment(segment)) co_return Result<void>();
    Reindexed& index = ***made;
    if (!index.damages.empty()) co_return fail("storage.corrupt", index.damages.front().text());
    index_cache_->forget(segment);
    if (!catalogue_.replace_index(index.head, index.bytes)) {
        co_return corrupt(directory_ + "/" + segment_name(segment), 0, "it lacks batches");
    }
    if (!writing_indexes_) scope_.spawn(write_indexes());
    co_return Result<void>();
}

Result<storage::Appending> Store::Log::begin_append(Batch batch) {
    MILL_ASSERT(batch.records > 0);
    MILL_CHECK(store_.expect_known(id_));
    const EntryHeader header{.kind = EntryKind::batch,
                             .log = id_,
                             .records = batch.records,
                             .first_arrival = epoch_ms(batch.first_arrival),
                             .last_arrival = epoch_ms(batch.last_arrival)};
    return store_.enqueue(header, std::make_shared<const Bytes>(std::move(batch.payload)), {},
                          batch.can_wait);
}

Task<Result<std::vector<StoredBatch>>> Store::Log::read(Offset from, ReadLimits limits) {
    return store_.read(id_, from, limits);
}

Task<Result<Offset>> Store::Log::offset_at(WallTime time) {
    const LogState* log = state();
    if (!log) return ready(0);
    return store_.offset_at(id_, epoch_ms(time));
}

Task<Result<void>> Store::Log::trim(Offset before) { return store_.trim(id_, before); }

storage::Bounds Store::Log::bounds() const {
    const LogState* log = state();
    return log ? storage::Bounds{log->first, log->next} : storage::Bounds{};
}

WallTime Store::Log::last_arrival() const {
    const LogState* log = state();
    return log ? from_epoch_ms(log->last_arrival) : WallTime();
}

}  // namespace mill::segment
