// SPDX-License-Identifier: Apache-2.0
// Time, jobs, timers and determinism of the simulated machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "sim/machine/sim_machine.h"

namespace mill::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(Time, StandsStillWhileJobsAreReadyAndJumpsToTheNextTimer) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    const Instant start = m.clock.now();
    const WallTime wall = m.clock.wall();
    std::vector<Instant> seen;
    auto late = m.timers.at(start + 24h, [&] { seen.push_back(m.clock.now()); });
    auto soon = m.timers.at(start + 5ms, [&] { seen.push_back(m.clock.now()); });
    m.executor.post([&] { seen.push_back(m.clock.now()); });
    EXPECT_TRUE(sim.run_until([&] { return seen.size() == 3; }));
    EXPECT_THAT(seen, ElementsAre(start, start + 5ms, start + 24h));
    EXPECT_EQ(m.clock.wall(), wall + 24h);
}

TEST(Time, RunForStopsBetweenTimers) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    const Instant start = m.clock.now();
    int fired = 0;
    auto first = m.timers.at(start + 1s, [&] { ++fired; });
    auto second = m.timers.at(start + 3s, [&] { ++fired; });
    sim.run_for(2s);
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(m.clock.now(), start + 2s);
    sim.run_for(1s);
    EXPECT_EQ(fired, 2);
}

TEST(Time, WallClockStepsWithoutTheMonotonicOne) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    const Instant now = m.clock.now();
    const WallTime wall = m.clock.wall();
    sim.step_wall_clock(-90s);
    EXPECT_EQ(m.clock.wall(), wall - 90s);
    EXPECT_EQ(m.clock.now(), now);
}

TEST(Time, RunUntilSaysSoWhenNothingIsLeftToDo) {
    SimMachine sim(1);
    EXPECT_FALSE(sim.run_until([] { return false; }));
}

TEST(Time, RunUntilIsBounded) {
    SimMachine sim(1);
    std::function<void()> again = [&] { sim.machine().executor.post(again); };
    again();
    EXPECT_FALSE(sim.run_until([] { return false; }, 1000));
}

TEST(TimerHandle, ACancelledJobIsNotCalledEvenWhenDue) {
    for (Seed seed = 0; seed < 20; ++seed) {
        SimMachine sim(seed);
        Machine& m = sim.machine();
        const Instant when = m.clock.now() + 1ms;
        machine::TimerHandle a;
        machine::TimerHandle b;
        int fired = 0;
        // Both are due at once; whichever runs first cancels the other.
        a = m.timers.at(when, [&] {
            ++fired;
            b.reset();
        });
        b = m.timers.at(when, [&] {
            ++fired;
            a.reset();
        });
        sim.run_for(1s);
        EXPECT_EQ(fired, 1) << "seed " << seed;
    }
}

TEST(TimerHandle, AJobMayDestroyItsOwnHandle) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    auto handle = std::make_unique<machine::TimerHandle>();
    std::string seen;
    *handle = m.timers.at(m.clock.now() + 1ms, [&handle, &seen, text = std::string(100, 'x')] {
        handle.reset();
        seen = text;  // the job is alive while it runs
    });
    sim.run_for(1s);
    EXPECT_EQ(seen, std::string(100, 'x'));
}

TEST(TimerHandle, MayOutliveTheMachine) {
    machine::TimerHandle handle;
    {
        SimMachine sim(1);
        handle = sim.machine().timers.at(sim.machine().clock.now() + 1s, [] {});
    }
    handle.reset();
}

TEST(Executor, TheSeedPicksTheOrderOfReadyJobs) {
    std::set<std::string> orders;
    for (Seed seed = 0; seed < 50; ++seed) {
        SimMachine sim(seed);
        std::string order;
        for (char c : {'a', 'b', 'c'}) sim.machine().executor.post([&order, c] { order += c; });
        sim.run_for(1ms);
        orders.insert(order);
    }
    EXPECT_EQ(orders.size(), 6u);
}

TEST(Executor, OffloadWorksAtOnceAndIsDoneLater) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    bool worked = false;
    Instant done{};
    m.executor.offload([&] { worked = true; }, [&] { done = m.clock.now(); });
    EXPECT_TRUE(worked);
    EXPECT_EQ(done, Instant{});
    sim.run_for(1s);
    EXPECT_GT(done, Instant{});
    EXPECT_LE(done, Instant{} + 5ms);
}

// Jobs that beget jobs and timers, driven by the machine's entropy.
std::uint64_t busy_hash(Seed seed) {
    SimMachine sim(seed);
    Machine& m = sim.machine();
    int left = 200;
    std::vector<machine::TimerHandle> timers;
    std::function<void()> job = [&] {
        if (--left < 0) return;
        m.executor.post(job);
        timers.push_back(
            m.timers.at(m.clock.now() + Duration(machine::random_u64(m.entropy) % 1000), job));
    };
    job();
    sim.run_for(1s);
    return sim.trace_hash();
}

TEST(Determinism, TheSameSeedGivesTheSameTrace) {
    std::set<std::uint64_t> hashes;
    for (Seed seed = 0; seed < 20; ++seed) {
        EXPECT_EQ(busy_hash(seed), busy_hash(seed));
        hashes.insert(busy_hash(seed));
    }
    EXPECT_EQ(hashes.size(), 20u);
}

TEST(KillSoftware, DropsJobsAndTimersOfTheInsideOnly) {
    SimMachine sim(1);
    Machine& in = sim.machine();
    Machine& out = sim.outside();
    std::string ran;
    in.executor.post([&] { ran += "inside job "; });
    auto inside = in.timers.at(in.clock.now() + 1s, [&] { ran += "inside timer "; });
    in.executor.offload([] {}, [&] { ran += "inside offload "; });
    auto outside = out.timers.at(out.clock.now() + 1s, [&] { ran += "outside timer"; });
    sim.kill_software();
    sim.run_for(2s);
    EXPECT_EQ(ran, "outside timer");
    in.executor.post([&] { ran += ", next life"; });
    sim.run_for(1s);
    EXPECT_EQ(ran, "outside timer, next life");
}

TEST(KillSoftware, WhatDroppedJobsPostInTheirDestructorsIsDroppedToo) {
    struct Poster {
        Machine* machine;
        bool* ran;
        Poster(Machine& m, bool& r) : machine(&m), ran(&r) {}
        ~Poster() {
            machine->executor.post([r = ran] { *r = true; });
        }
    };
    SimMachine sim(1);
    bool ran = false;
    sim.machine().executor.post([poster = std::make_unique<Poster>(sim.machine(), ran)] {});
    sim.kill_software();
    sim.run_for(1s);
    EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace mill::sim
