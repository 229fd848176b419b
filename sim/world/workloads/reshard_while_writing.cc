// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/reshard_while_writing.h"

#include <algorithm>
#include <deque>

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {
namespace {

using wire::Value;
using HashKey = LineageHistory::HashKey;
using Shard = LineageHistory::Shard;

constexpr std::size_t shards_max = 8;
constexpr int reads_max = 1000;

HashKey number_of(const std::string& text) {
    HashKey number = 0;
    for (const char digit : text) number = number * 10 + static_cast<unsigned>(digit - '0');
    return number;
}

std::string text_of(HashKey number) {
    std::string text;
    for (; number > 0 || text.empty(); number /= 10)
        text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    return text;
}

Shard shard_of(const Value& described) {
    Shard shard{.id = wire::text_of(described, "ShardId")};
    for (const auto* name : {"ParentShardId", "AdjacentParentShardId"}) {
        if (described.find(name)) shard.parents.push_back(wire::text_of(described, name));
    }
    const Value& keys = *described.find("HashKeyRange");
    shard.first = number_of(wire::text_of(keys, "StartingHashKey"));
    shard.last = number_of(wire::text_of(keys, "EndingHashKey"));
    const Value& numbers = *described.find("SequenceNumberRange");
    shard.starting = wire::text_of(numbers, "StartingSequenceNumber");
    shard.ending = wire::text_of(numbers, "EndingSequenceNumber");
    return shard;
}

// Nobody knows what became of the request, or the server could not.
bool is_unknown(const std::string& code) {
    return code.starts_with("net.") || code == "net" || code == "InternalFailure";
}

}  // namespace

ReshardWhileWriting::ReshardWhileWriting(World& world) : world_(world), pipeline_(world) {
    if (random(3) > 0) world_.set_state_delay(std::chrono::milliseconds(random(400)));
}

void ReshardWhileWriting::start() {
    pipeline_.start();
    scope_.spawn(reshard());
    scope_.spawn(observe());
}

bool ReshardWhileWriting::is_done() {
    return reshards_done_ && pipeline_.producers_done() &&
           unprocessed_records(pipeline_.history()) == 0;
}

Task<void> ReshardWhileWriting::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

Task<Result<Value>> ReshardWhileWriting::ask(std::string operation, Value input) {
    return world_.client().call("kinesis", "Kinesis_20131202." + operation, std::move(input));
}

Task<Result<std::vector<Shard>>> ReshardWhileWriting::list(std::string filter) {
    std::vector<Shard> shards;
    Value question = Value::map();
    question["StreamName"] = Pipeline::stream_name;
    question["ShardFilter"]["Type"] = std::move(filter);
    const std::int64_t page = 1 + static_cast<std::int64_t>(random(20));
    for (;;) {
        question["MaxResults"] = page;
        MILL_CO_TRY(const Value answer, co_await ask("ListShards", std::move(question)));
        for (const Value& shard : wire::list_of(answer, "Shards"))
            shards.push_back(shard_of(shard));
        if (!answer.find("NextToken")) co_return shards;
        question = Value::map();
        question["NextToken"] = wire::text_of(answer, "NextToken");
    }
}

// Pages are not one moment: a listing of several may show a reshard in part. It is taken again
// until two in a row are the same.
Task<Result<void>> ReshardWhileWriting::look() {
    LineageHistory::Listing listing;
    MILL_CO_TRY(listing.shards, co_await list("FROM_TRIM_HORIZON"));
    for (;;) {
        MILL_CO_TRY(auto again, co_await list("FROM_TRIM_HORIZON"));
        const bool is_same = again == listing.shards;
        listing.shards = std::move(again);
        if (is_same) break;
    }
    listing.answered = pipeline_.tick();
    lineage_.listings.push_back(std::move(listing));
    co_return Result<void>{};
}

Task<void> ReshardWhileWriting::observe() {
    for (;;) {
        co_await sleep(300);
        co_await look();  // what fails is tried again anyway
    }
}

Task<void> ReshardWhileWriting::reshard() {
    while (!pipeline_.producers_done()) {
        co_await reshard_once();
        co_await sleep(400);
    }
    reshards_done_ = true;
}

Task<void> ReshardWhileWriting::reshard_once() {
    auto open = co_await list("AT_LATEST");
    if (!open || open->empty()) co_return;
    std::ranges::sort(*open, {}, &Shard::first);
    Value input = Value::map();
    input["StreamName"] = Pipeline::stream_name;
    std::string operation = "UpdateShardCount";
    std::vector<std::string> closed;
    const std::size_t chosen = random(open->size());
    const Shard& shard = (*open)[chosen];
    const std::uint64_t kind = random(3);
    if (kind == 0 && open->size() < shards_max) {
        operation = "SplitShard";
        input["ShardToSplit"] = shard.id;
        const HashKey part = (shard.last - shard.first) / 16;
        input["NewStartingHashKey"] = text_of(shard.first + part * (1 + random(15)));
        closed = {shard.id};
    } else if (kind == 1 && chosen + 1 < open->size()) {
        operation = "MergeShards";
        input["ShardToMerge"] = shard.id;
        input["AdjacentShardToMerge"] = (*open)[chosen + 1].id;
        closed = {shard.id, (*open)[chosen + 1].id};
    } else {
        const std::size_t least = (open->size() + 1) / 2;
        const std::size_t most = std::min(shards_max, open->size() * 2);
        input["TargetShardCount"] = static_cast<std::int64_t>(least + random(most - least + 1));
        input["ScalingType"] = "UNIFORM_SCALING";
    }
    const auto answer = co_await ask(operation, std::move(input));
    if (answer) {
        lineage_.closed.insert(lineage_.closed.end(), closed.begin(), closed.end());
        co_return;
    }
    const std::string& code = answer.error().code;
    if (is_unknown(code) || code == "ResourceInUseException") co_return;
    // A reshard accepted before may have come between: then the shards are others now.
    auto now = co_await list("AT_LATEST");
    if (!now) co_return;
    std::ranges::sort(*now, {}, &Shard::first);
    if (*now == *open)
        refusals_.push_back(operation + " was refused with " + code + ": " +
                            answer.error().message);
}

Task<Result<ReshardWhileWriting::Reading>> ReshardWhileWriting::read(std::string shard_id) {
    Reading reading;
    MILL_CO_TRY(reading.records,
                co_await world_.client().shard_records(Pipeline::stream_name, shard_id));
    Value question = Value::map();
    question["StreamName"] = Pipeline::stream_name;
    question["ShardId"] = shard_id;
    question["ShardIteratorType"] = "LATEST";
    MILL_CO_TRY(Value answer, co_await ask("GetShardIterator", std::move(question)));
    Value input = Value::map();
    input["ShardIterator"] = wire::text_of(answer, "ShardIterator");
    MILL_CO_TRY(answer, co_await ask("GetRecords", std::move(input)));
    reading.has_ended = wire::text_of(answer, "NextShardIterator").empty();
    for (const Value& child : wire::list_of(answer, "ChildShards")) {
        auto& parents = reading.children[wire::text_of(child, "ShardId")];
        for (const Value& parent : wire::list_of(child, "ParentShards")) {
            if (parent.string()) parents.push_back(*parent.string());
        }
    }
    co_return reading;
}

// As the Kinesis Client Library does: a child once all its parents were read to their end.
Task<Result<void>> ReshardWhileWriting::read_lineage() {
    MILL_CO_TRY(const auto oldest, co_await list("AT_TRIM_HORIZON"));
    MILL_CO_TRY(const auto all, co_await list("FROM_TRIM_HORIZON"));
    std::deque<std::string> next;
    for (const Shard& shard : oldest) next.push_back(shard.id);
    std::set<std::string> read_shards;
    std::map<std::string, std::vector<std::string>> waiting;
    while (!next.empty()) {
        const std::string id = next.front();
        next.pop_front();
        MILL_CO_TRY(Reading reading, co_await read(id));
        std::ranges::move(reading.records, std::back_inserter(stored_));
        if (!read_shards.insert(id).second) co_return fail("sim.lineage", id + " is reached twice");
        const auto listed = std::ranges::find(all, id, &Shard::id);
        if (listed == all.end() || listed->ending.empty() == reading.has_ended)
            co_return fail("sim.lineage", id + " is listed as what it is not");
        waiting.merge(reading.children);
        std::erase_if(waiting, [&](const auto& child) {
            const bool is_ready = std::ranges::all_of(
                child.second, [&](const auto& parent) { return read_shards.contains(parent); });
            if (is_ready) next.push_back(child.first);
            return is_ready;
        });
    }
    if (read_shards.size() != all.size())
        co_return fail("sim.lineage", "not every shard is reached from the oldest");
    co_return Result<void>{};
}

Result<void> ReshardWhileWriting::check_order() const {
    std::map<std::string, const StoredRecord*> newest;  // by partition key
    std::map<std::string, const StoredRecord*> stored;
    for (const StoredRecord& record : stored_) {
        const StoredRecord*& before = newest[record.partition_key];
        if (before && before->sequence_number >= record.sequence_number)
            return fail("sim.order", record.partition_key + ": " + record.sequence_number +
                                         " is read after " + before->sequence_number);
        before = &record;
        stored[record.shard_id + ":" + record.sequence_number] = &record;
    }
    for (const History::Put& put : pipeline_.history().puts) {
        if (put.acknowledged == 0) continue;
        const auto found = stored.find(put.shard_id + ":" + put.sequence_number);
        const bool is_same = found != stored.end() && found->second->partition_key == put.key &&
                             number_in(found->second->data) == put.number;
        if (!is_same)
            return fail("sim.lost",
                        put.key + "/" + std::to_string(put.number) + " is not in the stream");
    }
    return {};
}

Task<Result<void>> ReshardWhileWriting::finish() {
    if (!pipeline_.producers_done()) co_return fail("sim.stuck", "the puts keep failing");
    if (unprocessed_records(pipeline_.history()) != 0)
        co_return fail("sim.stuck", "delivery has stopped: " + co_await pipeline_.mapping_status());
    scope_.clear();
    for (int n = 0; n < reads_max; ++n) {  // what was begun ends
        Value question = Value::map();
        question["StreamName"] = Pipeline::stream_name;
        MILL_CO_TRY(const Value answer, co_await ask("DescribeStreamSummary", std::move(question)));
        const Value* summary = answer.find("StreamDescriptionSummary");
        if (summary && wire::text_of(*summary, "StreamStatus") == "ACTIVE") break;
        co_await sleep(100);
    }
    MILL_CO_CHECK(co_await look());
    MILL_CO_CHECK(co_await read_lineage());
    co_return check_order();
}

std::vector<std::string> ReshardWhileWriting::violations() {
    std::vector<std::string> all = ordered_delivery_violations(pipeline_.history());
    std::ranges::move(lineage_violations(lineage_, pipeline_.history()), std::back_inserter(all));
    all.insert(all.end(), refusals_.begin(), refusals_.end());
    return all;
}

}  // namespace mill::sim
