// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/subscription.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/limits.h"

namespace mill::kinesis {
namespace {

// Begins behind the record before `next`, wherever that is.
std::string continuation_before(const Shard& shard, storage::Offset next, WallTime now) {
    if (next == 0) return model::starting_sequence_number(shard.identity());
    return model::sequence_number(shard.identity(), next - 1, now);
}

}  // namespace

Result<std::shared_ptr<Subscription>> Subscription::begin(Kinesis& kinesis,
                                                          ConsumerPointer consumer,
                                                          StreamPointer stream, ShardPointer shard,
                                                          storage::Offset from) {
    const auto earlier = consumer->subscriptions.find(shard->identity().index);
    if (earlier != consumer->subscriptions.end()) {
        const Subscription& present = *earlier->second;
        const Instant now = kinesis.machine().clock.now();
        if (now < present.began_ + limits::kinesis::subscription_takeover_min)
            return present.in_use();
        earlier->second->is_replaced_ = true;
        shard->wake();
    }
    return std::make_shared<Subscription>(kinesis, std::move(consumer), std::move(stream),
                                          std::move(shard), from);
}

Subscription::Subscription(Kinesis& kinesis, ConsumerPointer consumer, StreamPointer stream,
                           ShardPointer shard, storage::Offset from)
    : kinesis_(kinesis),
      consumer_(std::move(consumer)),
      stream_(std::move(stream)),
      shard_(std::move(shard)),
      next_(from),
      continuation_(continuation_before(*shard_, from, kinesis.now())),
      began_(kinesis.machine().clock.now()) {
    consumer_->subscriptions[shard_->identity().index] = this;
}

Subscription::~Subscription() {
    if (!is_replaced_) consumer_->subscriptions.erase(shard_->identity().index);
}

Failure Subscription::in_use() const {
    const StreamRow& stream = stream_->row();
    return fail("ResourceInUseException",
                fmt::format("Another active subscription exists for this consumer: {}:{}:{}:{}",
                            stream.account, stream.name, shard_->id(), consumer_->row.name),
                400);
}

Result<void> Subscription::check_whether_it_goes_on() const {
    const StreamRow& stream = stream_->row();
    if (is_replaced_) return in_use();
    if (stream_->is_gone) return stream_not_found(stream.name, stream.account);
    if (consumer_->is_gone || consumer_->row.status != "ACTIVE")
        return not_registered(consumer_->row);
    if (stream_->find_shard(shard_->identity().index) != shard_)
        return shard_not_found(shard_->id(), stream.name, stream.account);
    return {};
}

// In the name that the model has for what happens behind a subscription.
Failure Subscription::told(const Error& error) const {
    kinesis_.machine().log.error("kinesis.subscription_failed", {{"consumer", consumer_->row.arn()},
                                                                 {"shard", shard_->id()},
                                                                 {"code", error.code},
                                                                 {"message", error.message}});
    return fail("InternalFailureException",
                error.code == "storage.corrupt" ? error.message
                                                : "The records could not be read. Subscribe again.",
                500);
}

SubscribeToShardEvent Subscription::describe(ShardRun run) {
    const WallTime now = kinesis_.now();
    if (!run.items.empty()) {
        const auto& [offset, record] = run.items.back();
        continuation_ = model::sequence_number(shard_->identity(), offset, record.arrival);
    } else if (run.next != next_) {  // what lay between has expired
        continuation_ = continuation_before(*shard_, run.next, now);
    }
    next_ = run.next;
    SubscribeToShardEvent event{.records = describe_records(stream_->row(), *shard_, run),
                                .millis_behind_latest = millis_behind(*shard_, run, now)};
    event.batches = std::move(run.batches);
    is_at_end_ = shard_->ends_at(next_);
    if (is_at_end_) {
        event.child_shards = describe_children(*stream_, *shard_);
    } else {
        event.continuation_sequence_number = continuation_;
    }
    return event;
}

Task<Result<std::optional<wire::Event>>> Subscription::next() {
    constexpr ReadBounds bounds{.records = limits::kinesis::get_records_max,
                                .bytes = limits::kinesis::event_bytes_max};
    Machine& machine = kinesis_.machine();
    const Instant end = began_ + limits::kinesis::subscription_life;
    const Instant heartbeat = machine.clock.now() + limits::kinesis::subscription_heartbeat;
    while (!is_at_end_) {
        MILL_CO_CHECK(check_whether_it_goes_on());
        if (machine.clock.now() >= end) break;
        auto run = co_await shard_->read(next_, bounds, stream_->horizon());
        MILL_CO_CHECK(check_whether_it_goes_on());  // rather than what reading made of it
        if (!run) co_return told(run.error());
        stream_->trim_lazily(*shard_);
        const bool is_due = machine.clock.now() >= heartbeat;
        if (!run->items.empty() || shard_->ends_at(run->next) || is_due)
            co_return wire::event(SubscribeToShardEvents{describe(*std::move(run))});
        if (shard_->next() > run->next) continue;  // appended meanwhile
        co_await shard_->changed().wait_until(machine.timers, std::min(heartbeat, end));
    }
    co_return std::nullopt;
}

}  // namespace mill::kinesis
