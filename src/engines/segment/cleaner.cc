// SPDX-License-Identifier: Apache-2.0
// The cleaner: empties sealed segments of which little is kept, by copying that to the end of the
// log. The copies and the removal of the segment are one commit: before it is durable the copies
// are nothing, after it they are where readers look. Offsets, arrivals and bytes are the same.
#include "engines/segment/store.h"

namespace mill::segment {
namespace {

constexpr std::uint64_t copy_bytes_max = 32ull * 1024 * 1024;  // in memory, and in one commit
constexpr auto wait_after_failure = std::chrono::seconds(10);
constexpr auto wait_min = std::chrono::milliseconds(100);

}  // namespace

void Store::clean() {
    if (options_.clean_kept_percent == 0 || cleaning_ || !catalogue_.may_be_cleanable()) return;
    cleaning_ = true;
    scope_.spawn(clean_loop());
}

Task<void> Store::clean_loop() {
    co_await machine::yield(machine_.executor);
    while (const auto segment =
               catalogue_.take_cleanable(options_.clean_kept_percent, copy_bytes_max)) {
        const std::uint64_t bytes = catalogue_.kept_bytes(*segment);
        const auto emptied = co_await empty(*segment);
        Duration wait = std::max<Duration>(
            wait_min, std::chrono::milliseconds(bytes * 1000 / options_.clean_bytes_per_second));
        if (!emptied) {
            machine_.log.warning("storage.not_cleaned", {{"segment", segment_name(*segment)},
                                                         {"error", emptied.error().message}});
            // What is damaged is left as it is.
            if (emptied.error().code != "storage.corrupt") catalogue_.clean_again(*segment);
            wait = wait_after_failure;
        }
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + wait);
    }
    cleaning_ = false;
}

Task<Result<void>> Store::empty(std::uint64_t segment) {
    std::vector<Entry> copies;
    for (const std::uint64_t log : catalogue_.logs_in(segment)) {
        MILL_CO_TRY(auto more, co_await copies_of(segment, log));
        std::ranges::move(more, std::back_inserter(copies));
    }
    if (!catalogue_.has_segment(segment)) co_return Result<void>();
    co_return co_await settled(
        enqueue({.kind = EntryKind::remove_segment, .base = segment}, nullptr, std::move(copies)));
}

Task<Result<std::vector<Entry>>> Store::copies_of(std::uint64_t segment, std::uint64_t log) {
    while (true) {
        std::vector<Entry> copies;
        const LogState* state = catalogue_.find(log);
        auto what = lookup(log);
        const Offset from = state ? state->first : 0;
        Offset end = 0;
        for (std::size_t i = 0; state && i < state->runs.size(); ++i) {
            const Run& run = state->runs[i];
            if (run.segment != segment || run.is_lost()) continue;
            what->pieces.push_back(piece(*state, run));
            end = run.end;
        }
        if (what->pieces.empty()) co_return copies;
        auto answer = co_await ask<std::vector<StoredBatch>>(what, &read_batches, from,
                                                             {.records = ~0u, .bytes = ~0ull});
        if (!answer && catalogue_.has_segment(segment)) continue;
        if (!answer) co_return copies;
        MILL_CO_CHECK(*answer);
        for (StoredBatch& batch : **answer) {
            const EntryHeader header{.kind = EntryKind::moved,
                                     .log = log,
                                     .base = batch.base,
                                     .records = batch.records,
                                     .first_arrival = epoch_ms(batch.first_arrival),
                                     .last_arrival = epoch_ms(batch.last_arrival)};
            copies.push_back({header, std::move(batch.payload)});
        }
        if (copies.empty() || copies.back().header.base + copies.back().header.records != end)
            co_return fail("storage.corrupt", "a part of it cannot be read");
        co_return copies;
    }
}

}  // namespace mill::segment
