// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/reshard_while_consuming.h"

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {
namespace {

constexpr std::uint64_t reshards_max = 5;
constexpr std::uint64_t shards_max = 6;

PipelineShape shape_in(World& world) {
    SimMachine& sim = world.machine();
    if (sim.random(2) == 0) return {};
    return {.mapping = {.parallelization = static_cast<std::int64_t>(2 + sim.random(4))}};
}

}  // namespace

ReshardWhileConsuming::ReshardWhileConsuming(World& world)
    : world_(world), pipeline_(world, shape_in(world)) {}

void ReshardWhileConsuming::start() {
    pipeline_.start();
    scope_.spawn(reshard());
}

// One that is refused, or that nobody knows of, is one less.
Task<void> ReshardWhileConsuming::reshard() {
    SimMachine& sim = world_.machine();
    Machine& m = sim.outside();
    for (std::uint64_t left = 1 + sim.random(reshards_max); left > 0; --left) {
        co_await machine::sleep_until(m.timers,
                                      m.clock.now() + std::chrono::milliseconds(sim.random(900)));
        wire::Value input = wire::Value::map();
        input["StreamName"] = Pipeline::stream_name;
        input["TargetShardCount"] = static_cast<std::int64_t>(1 + sim.random(shards_max));
        input["ScalingType"] = "UNIFORM_SCALING";
        co_await world_.client().call("kinesis", "Kinesis_20131202.UpdateShardCount",
                                      std::move(input));
    }
    reshards_done_ = true;
}

bool ReshardWhileConsuming::is_done() {
    return reshards_done_ && pipeline_.producers_done() &&
           unprocessed_records(pipeline_.history()) == 0;
}

Task<Result<void>> ReshardWhileConsuming::finish() {
    if (!is_done())
        co_return fail("sim.stuck", "delivery has stopped: " + co_await pipeline_.mapping_status());
    MILL_CO_TRY(accounts_, co_await pipeline_.settle_accounts());
    co_return Result<void>{};
}

std::vector<std::string> ReshardWhileConsuming::violations() {
    return with_accounts(ordered_delivery_violations(pipeline_.history()), accounts_);
}

}  // namespace mill::sim
