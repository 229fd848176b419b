// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/poison_record.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mill::sim {
namespace {

using wire::Value;

constexpr const char* bucket = "failed";
// Looks are a second apart: longer than any pause between two attempts.
constexpr int quiet_looks = 150;
// At a time: of each lane of each shard.
constexpr int invocations_max = 8;

Told told_in(const Value& document) {
    Told told;
    if (const Value* request = document.find("requestContext"))
        told.condition = wire::text_of(*request, "condition");
    if (const Value* batch = document.find("KinesisBatchInfo"); batch && batch->find("batchSize"))
        told.batch_size = *batch->find("batchSize")->integer();
    const Value* payload = document.find("payload");
    const Value* records = payload ? payload->find("Records") : nullptr;
    if (!records || !records->items()) return told;
    for (const Value& record : *records->items()) {
        const History::Delivery delivery = delivery_of(record);
        told.records.emplace_back(delivery.key, delivery.number);
    }
    return told;
}

// Records that were handed to the function all alone.
std::set<RecordId> isolated(const History& history) {
    std::set<RecordId> all;
    for (const History::Invocation& invocation : history.invocations) {
        if (invocation.records.size() == 1)
            all.emplace(invocation.records[0].key, invocation.records[0].number);
    }
    return all;
}

}  // namespace

bool is_poison(std::uint64_t number) { return number % 7 == 3; }
bool is_filtered(std::uint64_t number) { return number >= 20; }

std::vector<std::string> poison_violations(const History& history, const std::set<RecordId>& put,
                                           const PoisonHistory& seen, bool has_filter) {
    std::vector<std::string> violations;
    std::set<RecordId> told;
    std::vector<std::string> never_alone;
    const std::set<RecordId> alone = isolated(history);
    for (const Told& one : seen.told) {
        if (one.batch_size != static_cast<std::int64_t>(one.records.size()))
            violations.push_back("a document of " + std::to_string(one.batch_size) +
                                 " records has " + std::to_string(one.records.size()));
        for (const RecordId& id : one.records) {
            told.insert(id);
            const bool exhausted = one.condition == "RetryAttemptsExhausted";
            if (seen.bisects && exhausted && !alone.contains(id))
                never_alone.push_back(name(id) + ": given up though never tried alone");
        }
    }
    if (never_alone.size() > seen.cut_off_max)
        violations.insert(violations.end(), never_alone.begin(), never_alone.end());
    for (const History::Invocation& invocation : history.invocations) {
        for (const History::Delivery& record : invocation.records) {
            if (has_filter && is_filtered(record.number))
                violations.push_back(name({record.key, record.number}) +
                                     ": filtered out, but seen");
        }
    }
    Accounts accounts{.put = put, .delivered = seen.handled, .discarded = told};
    for (const RecordId& id : put) {
        if (has_filter && is_filtered(id.second)) accounts.filtered.insert(id);
    }
    for (const History::Put& one : history.puts) {
        if (one.acknowledged != 0 && !put.contains({one.key, one.number}))
            violations.push_back(name({one.key, one.number}) + ": acknowledged, not in the stream");
    }
    violations = with_accounts(std::move(violations), accounts);
    violations.resize(std::min<std::size_t>(violations.size(), 10));
    return violations;
}

PoisonRecord::PoisonRecord(World& world) : world_(world), pipeline_(world, shape()) {}

PipelineShape PoisonRecord::shape() {
    SimMachine& sim = world_.machine();
    PipelineShape shape{.has_json = true};
    Value& more = shape.mapping.more;
    const bool bisects = sim.random(2) == 0;
    reports_ = sim.random(2) == 0;
    has_filter_ = sim.random(2) == 0;
    seen_.bisects = bisects && !reports_;
    more["BisectBatchOnFunctionError"] = bisects;
    if (reports_) more["FunctionResponseTypes"] = Value::List{"ReportBatchItemFailures"};
    more["MaximumRetryAttempts"] = static_cast<std::int64_t>(sim.random(3));
    if (sim.random(3) == 0) more["MaximumRecordAgeInSeconds"] = 60;
    if (has_filter_)
        more["FilterCriteria"]["Filters"].push_back(
            Value::Map{{"Pattern", R"({"data":{"n":[{"numeric":["<",20]}]}})"}});
    more["DestinationConfig"]["OnFailure"]["Destination"] = std::string("arn:aws:s3:::") + bucket;
    shape.mapping.parallelization = sim.random(3) == 0 ? 4 : 1;
    shape.answer = [this](const History::Invocation& invocation, const Value&) {
        return answer(invocation);
    };
    return shape;
}

Task<Result<void>> PoisonRecord::set_up() {
    MILL_CO_CHECK(co_await world_.client().create_bucket(bucket));
    co_return co_await pipeline_.set_up();
}

PipelineShape::Answer PoisonRecord::answer(const History::Invocation& invocation) {
    const auto& records = invocation.records;
    const auto poison = std::ranges::find_if(
        records, [this](const auto& record) { return !is_mended_ && is_poison(record.number); });
    if (poison != records.end() && !reports_) return {.is_yes = false};
    for (auto at = records.begin(); at != poison; ++at) seen_.handled.emplace(at->key, at->number);
    if (poison == records.end()) return {};
    return {.body = R"({"batchItemFailures":[{"itemIdentifier":")" + poison->sequence_number +
                    R"("}]})"};
}

bool PoisonRecord::is_done() {
    const std::size_t now = pipeline_.history().invocations.size();
    quiet_looks_ = std::exchange(invocations_, now) == now ? quiet_looks_ + 1 : 0;
    return pipeline_.producers_done() && quiet_looks_ > quiet_looks;
}

Task<Result<void>> PoisonRecord::finish() {
    MILL_CO_TRY(const auto documents, co_await world_.client().objects(bucket));
    for (const Bytes& document : documents) {
        MILL_CO_TRY(const Value parsed, wire::parse_json(document));
        seen_.told.push_back(told_in(parsed));
    }
    MILL_CO_TRY(const auto stored, co_await world_.client().records(Pipeline::stream_name));
    put_ = put_in(stored);
    MILL_CO_CHECK(co_await compare_checkpoints());
    co_return co_await replay_all();
}

Task<Result<void>> PoisonRecord::replay_all() {
    Client& client = world_.client();
    is_mended_ = true;
    MILL_CO_CHECK(co_await client.replay_failed(pipeline_.mapping()));
    MILL_CO_TRY(const Value shown, co_await client.show_mapping(pipeline_.mapping()));
    const Value* kept = shown.find("discarded_records");
    if (!kept || kept->integer() == nullptr || *kept->integer() != 0)
        behind_.push_back("replayed, but still given up: " + wire::write_json(shown));
    for (const Told& told : seen_.told) {
        for (const RecordId& id : told.records) {
            if (!seen_.handled.contains(id))
                behind_.push_back(name(id) + ": given up, and not handled by the replay");
        }
    }
    co_return Result<void>{};
}

void ReplayFailed::start() {
    PoisonRecord::start();
    scope_.spawn(replay());
}

Task<void> ReplayFailed::replay() {
    SimMachine& sim = world_.machine();
    Machine& m = sim.outside();
    for (std::uint64_t left = 1 + sim.random(4); left > 0; --left) {
        co_await machine::sleep_until(m.timers,
                                      m.clock.now() + std::chrono::milliseconds(sim.random(3000)));
        co_await world_.client().replay_failed(pipeline_.mapping());
    }
    replays_done_ = true;
}

Task<Result<void>> PoisonRecord::compare_checkpoints() {
    storage::Table* table = world_.table();
    if (!table || world_.conditions().disk_faults > 0) co_return Result<void>{};
    MILL_CO_TRY(const auto ids, co_await world_.client().shard_ids(Pipeline::stream_name));
    for (const std::string& id : ids) {
        MILL_CO_TRY(const auto records,
                    co_await world_.client().shard_records(Pipeline::stream_name, id));
        MILL_CO_TRY(const auto row,
                    table->get("lambda/checkpoint/" + pipeline_.mapping() + "/" + id));
        std::uint64_t position = 0;
        if (row) std::from_chars(row->data(), row->data() + row->size(), position);
        if (position != records.size())
            behind_.push_back(id + ": the checkpoint stands at " + std::to_string(position) +
                              " of " + std::to_string(records.size()) + " in the end");
    }
    co_return Result<void>{};
}

std::vector<std::string> PoisonRecord::violations() {
    seen_.cut_off_max =
        static_cast<std::size_t>(world_.conditions().runtime_crashes * invocations_max);
    auto all = poison_violations(pipeline_.history(), put_, seen_, has_filter_);
    all.insert(all.end(), behind_.begin(), behind_.end());
    return all;
}

}  // namespace mill::sim
