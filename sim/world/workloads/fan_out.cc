// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/fan_out.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::sim {
namespace {

using wire::Value;

constexpr const char* stream_name = "fan";
constexpr int puts_per_producer = 12;
constexpr std::size_t violations_max = 10;

// Nobody knows what became of it, the server could not, or the earlier subscription still goes on.
bool is_expected(const std::string& code) {
    return code.starts_with("net") || code.starts_with("InternalFailure") ||
           code == "ResourceInUseException";
}

}  // namespace

Task<Result<Value>> FanOut::ask(std::string operation, Value input) {
    return world_.client().call("kinesis", "Kinesis_20131202." + operation, std::move(input));
}

Task<void> FanOut::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

void FanOut::note_refusal(const std::string& what, const std::string& code,
                          const std::string& message) {
    if (!is_expected(code)) refusals_.push_back(what + ": " + code + ": " + message);
}

Task<Result<void>> FanOut::set_up() {
    Client& client = world_.client();
    MILL_CO_CHECK(
        co_await client.create_stream(stream_name, static_cast<std::int64_t>(1 + random(2))));
    MILL_CO_TRY(const std::string arn, co_await client.stream_arn(stream_name));
    for (std::uint64_t left = 1 + random(2); left > 0; --left) {
        Value input = Value::map();
        input["StreamARN"] = arn;
        input["ConsumerName"] = fmt::format("c{}", left);
        MILL_CO_TRY(const Value answer, co_await ask("RegisterStreamConsumer", std::move(input)));
        consumers_.push_back(wire::text_of(*answer.find("Consumer"), "ConsumerARN"));
    }
    MILL_CO_TRY(const auto shards, co_await client.shard_ids(stream_name));
    for (const std::string& consumer : consumers_) {
        for (const std::string& shard : shards)
            scope_.spawn(follow({.consumer_arn = consumer, .shard_id = shard}));
    }
    co_return Result<void>{};
}

void FanOut::start() {
    busy_ = static_cast<int>(1 + random(3));
    for (int producer = busy_; producer > 0; --producer) scope_.spawn(produce(producer));
    if (random(2) == 0) return;
    ++busy_;
    scope_.spawn(split());
}

bool FanOut::is_done() {
    if (busy_ > 0) return false;
    return std::ranges::all_of(consumers_, [this](const std::string& consumer) {
        auto& shards = history_.got[consumer];
        return std::ranges::all_of(history_.acknowledged, [&](const auto& put) {
            return std::ranges::count(shards[put.first], put.second) > 0;
        });
    });
}

Task<void> FanOut::produce(int producer) {
    for (int n = 0; n < puts_per_producer; ++n) {
        const std::string key = fmt::format("p{}-{}", producer, n);
        const std::size_t bytes = random(20) == 0 ? random(60'000) : random(300);
        const auto answer = co_await world_.client().put(stream_name, key, Bytes(bytes, 'x'));
        if (answer)
            history_.acknowledged.push_back({answer->shard_id, {answer->sequence_number, key}});
        if (!answer) note_refusal("PutRecord", answer.error().code, answer.error().message);
        co_await sleep(400);
    }
    --busy_;
}

// What was begun may have happened although nobody says so: it is not tried again.
Task<void> FanOut::split() {
    co_await sleep(3000);
    const auto shards = co_await world_.client().shard_ids(stream_name);
    if (shards) {
        Value input = Value::map();
        input["StreamName"] = stream_name;
        input["TargetShardCount"] = static_cast<std::int64_t>(shards->size() * 2);
        input["ScalingType"] = "UNIFORM_SCALING";
        const auto answer = co_await ask("UpdateShardCount", std::move(input));
        if (!answer) note_refusal("UpdateShardCount", answer.error().code, answer.error().message);
    }
    --busy_;
}

Task<Result<std::unique_ptr<EventReader>>> FanOut::subscribe(const Reading* reading) {
    Value input = Value::map();
    input["ConsumerARN"] = reading->consumer_arn;
    input["ShardId"] = reading->shard_id;
    Value& from = input["StartingPosition"];
    if (reading->continuation.empty()) {
        from["Type"] = "TRIM_HORIZON";
    } else {
        from["Type"] = "AFTER_SEQUENCE_NUMBER";
        from["SequenceNumber"] = reading->continuation;
    }
    return world_.client().open_events("kinesis", "Kinesis_20131202.SubscribeToShard",
                                       std::move(input));
}

Task<void> FanOut::follow(Reading reading) {
    while (!reading.has_ended) {
        auto events = co_await subscribe(&reading);
        if (events) {
            co_await listen(&reading, events->get());
        } else {
            note_refusal("SubscribeToShard", events.error().code, events.error().message);
        }
        co_await sleep(1000);
    }
}

// To the end of the subscription, or until the client has had enough of it.
Task<void> FanOut::listen(Reading* reading, EventReader* events) {
    for (std::uint64_t left = 1 + random(20); left > 0 && !reading->has_ended; --left) {
        const auto message = co_await events->next();
        if (!message) {
            note_refusal("reading", message.error().code, message.error().message);
            co_return;
        }
        if (!*message) co_return;
        if ((*message)->is_exception) {
            note_refusal("the subscription", (*message)->type,
                         wire::text_of((*message)->payload, "message"));
            co_return;
        }
        if ((*message)->type == "SubscribeToShardEvent") take(reading, (*message)->payload);
    }
}

void FanOut::take(Reading* reading, const Value& event) {
    auto& got = history_.got[reading->consumer_arn][reading->shard_id];
    for (const Value& record : wire::list_of(event, "Records")) {
        got.push_back(
            {wire::text_of(record, "SequenceNumber"), wire::text_of(record, "PartitionKey")});
    }
    reading->continuation = wire::text_of(event, "ContinuationSequenceNumber");
    reading->has_ended = reading->continuation.empty();
    for (const Value& child : wire::list_of(event, "ChildShards")) {
        scope_.spawn(follow(
            {.consumer_arn = reading->consumer_arn, .shard_id = wire::text_of(child, "ShardId")}));
    }
}

Task<Result<void>> FanOut::finish() {
    scope_.clear();
    MILL_CO_TRY(const auto records, co_await world_.client().records(stream_name));
    for (const StoredRecord& record : records)
        history_.stored[record.shard_id].push_back({record.sequence_number, record.partition_key});
    co_return Result<void>{};
}

std::vector<std::string> FanOut::violations() {
    std::vector<std::string> all = fan_out_violations(history_, violations_max);
    all.insert(all.end(), refusals_.begin(), refusals_.end());
    all.resize(std::min(all.size(), violations_max));
    return all;
}

}  // namespace mill::sim
