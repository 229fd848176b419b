// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/shard.h"

#include <algorithm>

#include "model/limits.h"
#include "services/kinesis/descriptions.h"

namespace mill::kinesis {
namespace {

using storage::Offset;
using storage::RecordCursor;
using storage::StoredBatch;

// Collects the records of `batch` from `run.next` on; false once the bounds are reached.
bool collect(const StoredBatch& batch, ReadBounds bounds, WallTime horizon, std::uint64_t& bytes,
             ShardRun& run) {
    RecordCursor cursor(*batch.payload);
    Offset offset = batch.base;
    for (auto record = cursor.next(); record; record = cursor.next(), ++offset) {
        if (offset < run.next || record->arrival < horizon) continue;
        const std::uint64_t size = record->partition_key.size() + record->data.size();
        if (!run.items.empty() && bytes + size > bounds.bytes) return false;
        bytes += size;
        run.items.push_back({offset, *record});
        run.next = offset + 1;
        if (run.items.size() == bounds.records) return false;
    }
    run.next = std::max(run.next, batch.end());
    return true;
}

// A call that was under way while its stream or its shard went.
Failure gone() { return fail("kinesis.shard_gone", "the shard was deleted meanwhile"); }

}  // namespace

Shard::Shard(Machine& machine, storage::StreamLog& log, model::ShardIdentity identity,
             model::HashRange range, Lineage lineage)
    : machine_(machine),
      log_(&log),
      last_arrival_(std::max(log.last_arrival(), lineage.opened)),
      trim_next_(machine.clock.now()),
      changed_(machine.executor),
      released_(machine.executor),
      numbers_(identity),
      lineage_(lineage),
      identity_(identity),
      id_(model::shard_id(identity.index)),
      range_(range) {}

const wire::Encoded<ShardDescription>& Shard::description() {
    if (!description_.json) description_ = wire::encoded(describe(*this));
    return description_;
}

WallTime Shard::next_arrival() {
    last_arrival_ = std::max(last_arrival_, machine_.clock.wall());
    return last_arrival_;
}

Result<Shard::Begun> Shard::begin_append(storage::Batch batch) {
    if (!log_) return gone();
    if (closed()) return fail("kinesis.shard_closed", "the shard takes no more records");
    MILL_TRY(auto appending, log_->begin_append(std::move(batch)));
    return Begun{std::move(appending), {users_, released_}, {appends_, released_}};
}

Task<Result<wire::Told>> Shard::settled(Begun begun, std::shared_ptr<const void>) {
    const auto offset = co_await begun.appending.durable();
    MILL_CO_CHECK(offset);
    changed_.notify_all();
    co_return wire::Told::came_true;
}

Task<Result<Offset>> Shard::append(storage::Batch batch) {
    MILL_CO_TRY(Begun begun, begin_append(std::move(batch)));
    const storage::Appending appending = begun.appending;
    MILL_CO_CHECK(co_await settled(std::move(begun), nullptr));
    co_return co_await appending.placed();
}

Task<Result<ShardRun>> Shard::read(Offset from, ReadBounds bounds, WallTime horizon) {
    if (!log_) co_return gone();
    const Use use(users_, released_);
    ShardRun run;
    run.next = from;
    std::uint64_t bytes = 0;
    bool is_jumped = false;
    while (run.items.empty()) {  // also at the end: damage may hide what followed
        const storage::ReadLimits limits{.records = static_cast<std::uint32_t>(bounds.records),
                                         .bytes = bounds.bytes};
        MILL_CO_TRY(run.batches, co_await log_->read(run.next, limits));
        if (run.batches.empty()) break;
        if (!is_jumped && run.batches.front().last_arrival < horizon) {
            // A long way of expired records may lie ahead: go to where the others begin.
            is_jumped = true;
            MILL_CO_TRY(const Offset live, co_await log_->offset_at(horizon));
            run.next = std::max(run.next, live);
            continue;
        }
        for (const StoredBatch& batch : run.batches) {
            if (!collect(batch, bounds, horizon, bytes, run)) break;
        }
    }
    co_return run;
}

Task<Result<Offset>> Shard::at_time(WallTime time) {
    if (!log_) co_return gone();
    const Use use(users_, released_);
    MILL_CO_TRY(const Offset base, co_await log_->offset_at(time));
    MILL_CO_TRY(const auto batches, co_await log_->read(base, {.records = 1, .bytes = 1}));
    if (batches.empty()) co_return base;
    RecordCursor cursor(*batches.front().payload);
    Offset offset = batches.front().base;
    for (auto record = cursor.next(); record && record->arrival < time; record = cursor.next())
        ++offset;
    co_return offset;
}

void Shard::trim_lazily(std::chrono::hours retention) {
    const Instant now = machine_.clock.now();
    if (now < trim_next_) return;
    trim_next_ = now + limits::kinesis::trim_interval;
    const WallTime horizon = machine_.clock.wall() - retention;
    const bool is_younger = lineage_.opened >= horizon;  // than any record that expires
    if (is_younger || first() == next()) return;
    background_.spawn(trim(horizon));
}

Task<void> Shard::trim(WallTime horizon) {
    const Use use(users_, released_);
    auto live = co_await log_->offset_at(horizon);
    if (live && *live <= first()) co_return;
    auto trimmed = live ? co_await log_->trim(*live) : Result<void>(std::unexpected(live.error()));
    if (!trimmed) {
        machine_.log.warning("kinesis.trim_failed",
                             {{"shard", id_}, {"error", trimmed.error().message}});
    }
}

Task<void> Shard::appends_settled() {
    while (appends_ > 0) co_await released_.wait();
}

void Shard::end(WallTime closed) {
    lineage_.closed = closed;
    description_ = {};
    wake();
}

Task<void> Shard::close() {
    while (users_ > 0) co_await released_.wait();
    log_ = nullptr;
}

}  // namespace mill::kinesis
