// SPDX-License-Identifier: Apache-2.0
// A queue's log: replayed when the queue is first used, and cleaned.
#include <algorithm>

#include "services/sqs/errors.h"
#include "services/sqs/queue.h"

namespace mill::sqs {

using storage::Offset;
using storage::StoredBatch;

Task<Result<void>> Queue::ready() {
    while (load_ != Load::done && !is_closed_) {
        if (load_ == Load::none) {
            load_ = Load::under_way;
            background_.spawn(load());
        }
        if (load_ == Load::under_way) co_await changed_.wait();
        if (load_error_) co_return std::unexpected(*load_error_);
    }
    if (is_closed_) co_return queue_not_found();
    co_return Result<void>();
}

Task<void> Queue::load() {
    load_error_.reset();
    auto replayed = co_await replay_all();
    if (!replayed) load_error_ = replayed.error();
    load_ = replayed ? Load::done : Load::none;
    changed_.notify_all();
}

Task<Result<void>> Queue::replay_all() {
    co_await machine::yield(machine_.executor);
    Offset offset = log_.bounds().first;
    while (offset < log_.bounds().next && !is_closed_) {
        const storage::ReadLimits limits{.records = 1'000'000,
                                         .bytes = limits::sqs::read_step_bytes};
        MILL_CO_TRY(const auto batches, co_await log_.read(offset, limits));
        if (batches.empty()) break;
        for (const StoredBatch& batch : batches) {
            MILL_CO_CHECK(replay(batch));
            offset = batch.end();
        }
    }
    co_return Result<void>();
}

Result<void> Queue::replay(const StoredBatch& batch) {
    RecordCursor cursor(*batch.payload);
    next_number_ = std::max(next_number_, cursor.next_number());
    schedule_.space().add_batch(batch.base, batch.payload->size(), batch.last_arrival);
    Offset offset = batch.base;
    for (auto record = cursor.next(); record; record = cursor.next(), ++offset) {
        if (record->kind == RecordKind::deletion) schedule_.erase(record->number);
        if (record->kind == RecordKind::purge) schedule_.purge(record->number);
        if (record->kind == RecordKind::reception)
            schedule_.set_receives(record->number, record->receives, record->first_received);
        if (record->kind != RecordKind::message) continue;
        schedule_.add({.number = record->number,
                       .offset = offset,
                       .bytes = static_cast<std::uint32_t>(record->raw.size()),
                       .sent = record->sent,
                       .available = available_at(*record),
                       .group = std::string(record->group_id)},
                      now());
        const auto age = std::max<Duration>(machine_.clock.wall() - record->sent, Duration::zero());
        if (!is_fifo() || age >= limits::sqs::deduplication_interval) continue;
        remember(dedup_key(record->group_id, record->deduplication_id),
                 std::make_shared<Dedup>(Dedup{{std::string(record->message_id), record->number},
                                               Dedup::State::stored}),
                 now() + limits::sqs::deduplication_interval - age);
    }
    if (offset == batch.end()) return {};
    return fail("storage.corrupt", "The log of queue " + row_.name +
                                       " holds what this version of Millrace cannot read: it was "
                                       "written by a newer one, or is damaged.");
}

// FIFO queues know for five minutes what was sent, also after a restart.
WallTime Queue::keep_from() const {
    if (!is_fifo()) return WallTime::max();
    return machine_.clock.wall() - limits::sqs::deduplication_interval;
}

void Queue::clean_lazily() {
    schedule_.advance(now(), horizon());
    if (is_cleaning_ || is_closed_ || !schedule_.space().is_dirty(keep_from())) return;
    is_cleaning_ = true;
    background_.spawn(clean());
}

Task<void> Queue::clean() {
    co_await machine::yield(machine_.executor);
    schedule_.advance(now(), horizon());
    Result<void> done;
    while (done && !is_closed_) {
        const Offset dead = schedule_.space().forget_dead(keep_from());
        if (dead > log_.bounds().first) done = co_await log_.trim(dead);
        if (!done) break;
        const LogSpace::Range range = schedule_.space().to_be_moved(keep_from());
        if (range.end == 0) break;
        done = co_await move_survivors(range);
    }
    if (!done) {
        machine_.log.warning("sqs.clean_failed",
                             {{"queue", row_.name}, {"error", done.error().message}});
    }
    is_cleaning_ = false;
    changed_.notify_all();
}

// A deletion that was written before the copy must not be undone by it: those that are on their way
// are waited for, and later ones are written after the copy.
Task<Result<void>> Queue::move_survivors(LogSpace::Range range) {
    std::vector<StoredBatch> batches;
    for (Offset offset = range.first; offset < range.end;) {
        MILL_CO_TRY(auto some, co_await log_.read(offset, {.records = 1'000'000,
                                                           .bytes = limits::sqs::chunk_bytes}));
        if (some.empty()) break;
        offset = some.back().end();
        std::ranges::move(some, std::back_inserter(batches));
    }
    are_removals_held_ = true;
    while (removals_ > 0) co_await changed_.wait();
    RecordsBuilder records;
    std::vector<Number> moved;
    for (const StoredBatch& batch : batches) {
        RecordCursor cursor(*batch.payload);
        Offset offset = batch.base;
        for (auto record = cursor.next(); record; record = cursor.next(), ++offset) {
            if (record->kind != RecordKind::message || offset >= range.end) continue;
            const Schedule::Message* message = schedule_.find(record->number);
            if (!message || message->offset != offset) continue;
            records.add_copy(record->raw);
            moved.push_back(record->number);
        }
    }
    for (const Number number : moved) {
        const Schedule::Message* message = schedule_.find(number);
        if (message->noted > 0)
            records.add_reception(number, message->noted, message->first_received);
    }
    if (moved.empty()) {
        are_removals_held_ = false;
        changed_.notify_all();
        co_return Result<void>();
    }
    auto writing = write(std::move(records), [this, moved](std::optional<Offset> base) {
        for (std::size_t i = 0; base && i < moved.size(); ++i) schedule_.move(moved[i], *base + i);
    });
    machine::OneShot<Result<void>> written(machine_.executor);
    background_.spawn(tell(std::move(writing), written));  // its place in the log is taken now
    are_removals_held_ = false;
    changed_.notify_all();
    co_return co_await written.take();
}

Task<void> Queue::tell(Task<Result<void>> writing, machine::OneShot<Result<void>> written) {
    written.set(co_await std::move(writing));
}

}  // namespace mill::sqs
