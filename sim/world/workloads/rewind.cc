// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/rewind.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {
namespace {

PipelineShape shape_in(World& world) {
    return {.mapping = {.parallelization =
                            static_cast<std::int64_t>(world.machine().random(2) == 0 ? 1 : 3)}};
}

using Records = std::map<std::string, std::vector<StoredRecord>>;

// What a rewind to that record of that shard, or to its arrival, makes due.
void mark_due(Rewound& rewound, const Records& records, const std::string& shard, std::size_t place,
              bool by_time) {
    const StoredRecord& record = records.at(shard)[place];
    rewound.to = by_time ? iso8601_ms(record.arrival) : record.sequence_number;
    for (auto& [id, view] : rewound.shards) {
        const auto& held = records.at(id);
        const auto first = std::ranges::find_if(
            held, [&](const auto& other) { return other.arrival >= record.arrival; });
        view.due_from = by_time       ? static_cast<std::size_t>(first - held.begin())
                        : id == shard ? place
                                      : held.size();
    }
}

}  // namespace

std::size_t not_processed_since(const History& history, const Rewound& rewound) {
    std::set<std::string> waiting;
    for (const auto& [id, shard] : rewound.shards) {
        for (std::size_t at = shard.due_from; at < shard.sequence_numbers.size(); ++at)
            waiting.insert(id + ":" + shard.sequence_numbers[at]);
    }
    for (const History::Invocation& invocation : history.invocations) {
        if (invocation.began <= rewound.asked || invocation.answered == 0) continue;
        for (const History::Delivery& record : invocation.records)
            waiting.erase(record.shard_id + ":" + record.sequence_number);
    }
    return waiting.size();
}

std::vector<std::string> rewind_violations(const History& history, const Rewound& rewound) {
    std::vector<std::string> violations;
    for (const History::Invocation& invocation : history.invocations) {
        if (invocation.began <= rewound.answered) continue;
        for (const History::Delivery& record : invocation.records) {
            const auto shard = rewound.shards.find(record.shard_id);
            if (shard == rewound.shards.end()) continue;
            const auto& numbers = shard->second.sequence_numbers;
            const auto place = std::ranges::find(numbers, record.sequence_number) - numbers.begin();
            if (place < static_cast<std::ptrdiff_t>(shard->second.not_before))
                violations.push_back(name({record.key, record.number}) +
                                     ": delivered again, but lies before " + rewound.to);
        }
    }
    violations.resize(std::min<std::size_t>(violations.size(), 10));
    return violations;
}

Rewind::Rewind(World& world) : world_(world), pipeline_(world, shape_in(world)) {}

void Rewind::start() {
    pipeline_.start();
    scope_.spawn(rewind());
}

Task<void> Rewind::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

Task<Result<Rewound>> Rewind::choose() {
    Client& client = world_.client();
    Rewound rewound{.to = "TRIM_HORIZON", .shards = {}};
    Records records;
    std::vector<std::string> not_empty;
    MILL_CO_TRY(const auto ids, co_await client.shard_ids(Pipeline::stream_name));
    for (const std::string& id : ids) {
        MILL_CO_TRY(records[id], co_await client.shard_records(Pipeline::stream_name, id));
        for (const StoredRecord& record : records[id])
            rewound.shards[id].sequence_numbers.push_back(record.sequence_number);
        if (!records[id].empty()) not_empty.push_back(id);
    }
    const std::uint64_t kind = random(3);
    if (kind == 0 || not_empty.empty()) co_return rewound;
    const std::string& shard = not_empty[random(not_empty.size())];
    mark_due(rewound, records, shard, random(records[shard].size()), kind == 1);
    co_return rewound;
}

bool Rewind::look_at_checkpoints(Rewound& rewound) {
    storage::Table* table = world_.table();
    if (!table) return false;
    for (auto& [id, shard] : rewound.shards) {
        const auto row = table->get("lambda/checkpoint/" + pipeline_.mapping() + "/" + id);
        if (!row) return false;
        std::size_t done = 0;  // a row begins with the lowest position
        if (*row) std::from_chars((*row)->data(), (*row)->data() + (*row)->size(), done);
        shard.not_before = std::min(shard.due_from, done);
    }
    return true;
}

Task<void> Rewind::rewind() {
    for (std::uint64_t left = random(3); left > 0; --left) {
        co_await sleep(1500);
        const auto chosen = co_await choose();
        co_await world_.client().rewind_mapping(pipeline_.mapping(),
                                                chosen ? chosen->to : "TRIM_HORIZON");
    }
    while (!pipeline_.producers_done() || unprocessed_records(pipeline_.history()) > 0)
        co_await sleep(2000);
    // Nothing is under way that was not delivered before; what begins from now on is due to it.
    for (;; co_await sleep(2000)) {
        auto chosen = co_await choose();
        if (!chosen || !look_at_checkpoints(*chosen)) continue;
        chosen->asked = pipeline_.tick();
        if (!co_await world_.client().rewind_mapping(pipeline_.mapping(), chosen->to)) continue;
        chosen->answered = pipeline_.tick();
        last_ = *std::move(chosen);
        co_return;
    }
}

bool Rewind::is_done() {
    return last_.answered != 0 && not_processed_since(pipeline_.history(), last_) == 0;
}

Task<Result<void>> Rewind::finish() {
    scope_.clear();
    if (!is_done())
        co_return fail("sim.stuck",
                       std::to_string(not_processed_since(pipeline_.history(), last_)) +
                           " records were not delivered again since " + last_.to + ": " +
                           co_await pipeline_.mapping_status());
    MILL_CO_TRY(accounts_, co_await pipeline_.settle_accounts());
    co_return Result<void>{};
}

std::vector<std::string> Rewind::violations() {
    auto all = with_accounts(ordered_delivery_violations(pipeline_.history()), accounts_);
    for (std::string& violation : rewind_violations(pipeline_.history(), last_))
        all.push_back(std::move(violation));
    return all;
}

}  // namespace mill::sim
