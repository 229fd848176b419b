// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/recreate_while_consuming.h"

#include <algorithm>
#include <map>

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {
namespace {

constexpr std::uint64_t retry_pause_ms = 300;

PipelineShape shape_in(World& world) {
    return {.puts_per_producer = 30,
            .mapping = {.parallelization =
                            static_cast<std::int64_t>(world.machine().random(2) == 0 ? 1 : 3)}};
}

}  // namespace

LastStream last_stream(const History& history, const std::vector<StoredRecord>& stored,
                       History::Moment created) {
    LastStream last;
    std::map<RecordId, const StoredRecord*> held;
    for (const StoredRecord& record : stored)
        held[{record.partition_key, number_in(record.data)}] = &record;
    for (History::Put put : history.puts) {
        const auto found = held.find({put.key, put.number});
        if (found != held.end()) {
            const bool same = put.sequence_number == found->second->sequence_number;
            if (put.acknowledged != 0 && !same)
                last.violations.push_back(name({put.key, put.number}) + ": acknowledged as " +
                                          put.sequence_number + ", stored as " +
                                          found->second->sequence_number);
            last.history.puts.push_back(std::move(put));
        } else if (put.began > created && put.acknowledged != 0) {
            last.violations.push_back(name({put.key, put.number}) + ": is not in the stream");
        }
    }
    bool has_begun = false;
    for (const History::Invocation& invocation : history.invocations) {
        const auto of_last = std::ranges::count_if(invocation.records, [&](const auto& record) {
            const auto found = held.find({record.key, record.number});
            return found != held.end() && found->second->sequence_number == record.sequence_number;
        });
        if (of_last == 0) {
            if (has_begun) last.violations.emplace_back("a batch of an older stream comes late");
        } else if (of_last < static_cast<std::ptrdiff_t>(invocation.records.size())) {
            last.violations.emplace_back("a batch has records of two streams");
        } else {
            has_begun = true;
            last.history.invocations.push_back(invocation);
        }
    }
    last.violations.resize(std::min<std::size_t>(last.violations.size(), 10));
    return last;
}

RecreateWhileConsuming::RecreateWhileConsuming(World& world)
    : world_(world), pipeline_(world, shape_in(world)) {}

void RecreateWhileConsuming::start() {
    pipeline_.start();
    scope_.spawn(recreate());
}

Task<void> RecreateWhileConsuming::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

Task<void> RecreateWhileConsuming::recreate() {
    for (std::uint64_t left = 1 + random(3); left > 0; --left) {
        co_await sleep(900);
        if (random(3) == 0) {
            co_await recreate_function();
        } else {
            co_await recreate_stream();
        }
    }
    recreations_done_ = true;
}

// Each step until it is known to be done.
Task<void> RecreateWhileConsuming::recreate_stream() {
    Client& client = world_.client();
    for (;;) {
        co_await client.delete_stream(Pipeline::stream_name);
        const auto names = co_await client.stream_names();
        if (names && names->empty()) break;
        co_await sleep(retry_pause_ms);
    }
    co_await sleep(random(2) == 0 ? 50 : 8000);  // unnoticed, or with time to see it gone
    const auto shards = static_cast<std::int64_t>(1 + random(3));
    for (;;) {
        const auto made = co_await client.create_stream(Pipeline::stream_name, shards);
        if (made || made.error().code == "ResourceInUseException") break;
        co_await sleep(retry_pause_ms);
    }
    created_ = pipeline_.tick();
}

Task<void> RecreateWhileConsuming::recreate_function() {
    Client& client = world_.client();
    for (;;) {
        const auto removed = co_await client.call_lambda(
            "DELETE", std::string("/2015-03-31/functions/") + Pipeline::function_name, {});
        if (removed || removed.error().code == "ResourceNotFoundException") break;
        co_await sleep(retry_pause_ms);
    }
    co_await sleep(3000);
    for (;;) {
        const auto made = co_await client.create_function(Pipeline::function_name, 5);
        if (made || made.error().code == "ResourceConflictException") break;
        co_await sleep(retry_pause_ms);
    }
}

bool RecreateWhileConsuming::is_done() {
    if (!recreations_done_ || !pipeline_.producers_done()) return false;
    History since = pipeline_.history();
    std::erase_if(since.puts, [this](const auto& put) { return put.began <= created_; });
    return unprocessed_records(since) == 0;
}

Task<Result<void>> RecreateWhileConsuming::finish() {
    if (!is_done())
        co_return fail("sim.stuck", "delivery has stopped: " + co_await pipeline_.mapping_status());
    MILL_CO_TRY(const auto stored, co_await world_.client().records(Pipeline::stream_name));
    Accounts accounts;
    MILL_CO_TRY(accounts, co_await pipeline_.settle_accounts([&] {
        return Accounts{
            .delivered = delivered_in(last_stream(pipeline_.history(), stored, created_).history)};
    }));
    LastStream last = last_stream(pipeline_.history(), stored, created_);
    violations_ = std::move(last.violations);
    for (std::string& violation : ordered_delivery_violations(last.history))
        violations_.push_back(std::move(violation));
    violations_ = with_accounts(std::move(violations_), accounts);
    co_return Result<void>{};
}

}  // namespace mill::sim
