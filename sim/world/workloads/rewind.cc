// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/rewind.h"

#include <set>

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {
namespace {

PipelineShape shape_in(World& world) {
    return {.mapping = {.parallelization =
                            static_cast<std::int64_t>(world.machine().random(2) == 0 ? 1 : 3)}};
}

}  // namespace

std::size_t not_processed_since(const History& history, History::Moment since) {
    std::set<std::pair<std::string, std::uint64_t>> waiting;
    for (const History::Put& put : history.puts) {
        if (put.acknowledged != 0) waiting.emplace(put.key, put.number);
    }
    for (const History::Invocation& invocation : history.invocations) {
        if (invocation.began <= since || invocation.answered == 0) continue;
        for (const History::Delivery& record : invocation.records)
            waiting.erase({record.key, record.number});
    }
    return waiting.size();
}

Rewind::Rewind(World& world) : world_(world), pipeline_(world, shape_in(world)) {}

void Rewind::start() {
    pipeline_.start();
    scope_.spawn(rewind());
}

Task<void> Rewind::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(
        m.timers, m.clock.now() + std::chrono::milliseconds(world_.machine().random(ms_max)));
}

Task<void> Rewind::rewind() {
    for (std::uint64_t left = world_.machine().random(3); left > 0; --left) {
        co_await sleep(1500);
        co_await world_.client().rewind_mapping(pipeline_.mapping(), "TRIM_HORIZON");
    }
    while (!pipeline_.producers_done() || unprocessed_records(pipeline_.history()) > 0)
        co_await sleep(2000);
    // Nothing is under way that was not delivered before; what begins from now on is due to it.
    for (;;) {
        const History::Moment asked = pipeline_.tick();
        if (co_await world_.client().rewind_mapping(pipeline_.mapping(), "TRIM_HORIZON")) {
            rewound_ = asked;
            co_return;
        }
        co_await sleep(2000);
    }
}

bool Rewind::is_done() {
    return rewound_ != 0 && not_processed_since(pipeline_.history(), rewound_) == 0;
}

Task<Result<void>> Rewind::finish() {
    scope_.clear();
    if (is_done()) co_return Result<void>{};
    co_return fail("sim.stuck",
                   std::to_string(not_processed_since(pipeline_.history(), rewound_)) +
                       " records were not delivered again: " + co_await pipeline_.mapping_status());
}

std::vector<std::string> Rewind::violations() {
    return ordered_delivery_violations(pipeline_.history());
}

}  // namespace mill::sim
