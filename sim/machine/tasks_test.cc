// SPDX-License-Identifier: Apache-2.0
// Task, Scope, Signal and OneShot (machine/task.h, machine/signal.h) on the simulated machine,
// above all when coroutines are destroyed while they wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/machine/sim_machine.h"

namespace mill::sim {
namespace {

using namespace std::chrono_literals;
using machine::OneShot;
using machine::Signal;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// Says when a coroutine's frame goes.
struct Mark {
    std::vector<std::string>* log;
    std::string text;
    Mark(std::vector<std::string>& to, std::string what) : log(&to), text(std::move(what)) {}
    ~Mark() { log->push_back(text); }
};

Task<int> add(int a, int b) { co_return a + b; }
Task<int> add_later(Machine& m, int a, int b) {
    co_await machine::yield(m.executor);
    co_return co_await add(a, b);
}
Task<int> throws() {
    throw std::runtime_error("third-party");
    co_return 0;
}
Task<bool> catches() {
    try {
        co_await throws();
    } catch (const std::runtime_error&) {
        co_return true;
    }
    co_return false;
}

TEST(Task, GivesItsValueToTheOneWhoAwaits) {
    SimMachine sim(1);
    EXPECT_EQ(sim.await(add_later(sim.machine(), 2, 3)), 5);
}

TEST(Task, PassesExceptionsOn) {
    SimMachine sim(1);
    EXPECT_TRUE(sim.await(catches()));
}

Task<void> sleep_then(Machine& m, Duration time, std::vector<std::string>& log, std::string text) {
    const Mark mark(log, text + " gone");
    co_await machine::sleep_until(m.timers, m.clock.now() + time);
    log.push_back(text);
}
Task<void> outer(Machine& m, Duration time, std::vector<std::string>& log) {
    const Mark mark(log, "outer gone");
    co_await sleep_then(m, time, log, "inner");
}

TEST(Task, DroppedHalfWayDestroysWhatItAwaits) {
    SimMachine sim(1);
    std::vector<std::string> log;
    {
        Scope scope;
        scope.spawn(outer(sim.machine(), 1s, log));
        sim.run_for(500ms);
        EXPECT_EQ(scope.size(), 1u);
    }
    EXPECT_THAT(log, ElementsAre("inner gone", "outer gone"));
    sim.run_for(1s);  // the timer went with it
    EXPECT_EQ(log.size(), 2u);
}

TEST(Scope, ForgetsTasksThatAreDone) {
    SimMachine sim(1);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(sleep_then(sim.machine(), 1ms, log, "a"));
    scope.spawn(sleep_then(sim.machine(), 2ms, log, "b"));
    EXPECT_EQ(scope.size(), 2u);
    sim.run_for(1ms);
    EXPECT_EQ(scope.size(), 1u);
    sim.run_for(1ms);
    EXPECT_EQ(scope.size(), 0u);
    EXPECT_THAT(log, ElementsAre("a", "a gone", "b", "b gone"));
}

Task<void> wait_for(Signal& signal, std::vector<std::string>& log, std::string text) {
    co_await signal.wait();
    log.push_back(text);
}
Task<void> wait_until(Machine& m, Signal& signal, Instant deadline, std::vector<std::string>& log) {
    const bool notified = co_await signal.wait_until(m.timers, deadline);
    log.push_back(notified ? "notified" : "deadline");
}

TEST(Signal, WakesAllThroughTheExecutor) {
    SimMachine sim(1);
    Signal signal(sim.machine().executor);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(wait_for(signal, log, "a"));
    scope.spawn(wait_for(signal, log, "b"));
    signal.notify_all();
    EXPECT_TRUE(log.empty());  // never in the notifier's stack
    EXPECT_FALSE(signal.has_waiters());
    sim.run_for(1ms);
    EXPECT_THAT(log, UnorderedElementsAre("a", "b"));
}

TEST(Signal, DoesNotRememberANotificationForLaterWaiters) {
    SimMachine sim(1);
    Signal signal(sim.machine().executor);
    std::vector<std::string> log;
    Scope scope;
    signal.notify_all();
    scope.spawn(wait_for(signal, log, "a"));
    sim.run_for(1s);
    EXPECT_TRUE(log.empty());
}

TEST(Signal, ADeadlineEndsTheWait) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    Signal signal(m.executor);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(wait_until(m, signal, m.clock.now() + 10ms, log));
    sim.run_for(9ms);
    EXPECT_TRUE(log.empty());
    sim.run_for(1ms);
    EXPECT_THAT(log, ElementsAre("deadline"));
    signal.notify_all();
    sim.run_for(1s);
    EXPECT_EQ(log.size(), 1u);
}

TEST(Signal, ANotificationBeforeTheDeadlineWins) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    Signal signal(m.executor);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(wait_until(m, signal, m.clock.now() + 10ms, log));
    sim.run_for(5ms);
    signal.notify_all();
    sim.run_for(1s);
    EXPECT_THAT(log, ElementsAre("notified"));
}

TEST(Signal, AWaiterDestroyedBeforeTheNotificationIsNotResumed) {
    SimMachine sim(1);
    Signal signal(sim.machine().executor);
    std::vector<std::string> log;
    Scope gone;
    Scope stays;
    gone.spawn(wait_for(signal, log, "gone"));
    stays.spawn(wait_for(signal, log, "stays"));
    gone.clear();
    signal.notify_all();
    sim.run_for(1ms);
    EXPECT_THAT(log, ElementsAre("stays"));
}

TEST(Signal, AWaiterDestroyedBetweenNotificationAndWakeUpIsNotResumed) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    Signal signal(m.executor);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(wait_for(signal, log, "a"));
    scope.spawn(wait_until(m, signal, m.clock.now() + 1ms, log));
    signal.notify_all();
    scope.clear();
    sim.run_for(1s);
    EXPECT_TRUE(log.empty());
}

TEST(Signal, MayGoBeforeItsWaiters) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    auto signal = std::make_unique<Signal>(m.executor);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(wait_until(m, *signal, m.clock.now() + 1ms, log));
    signal.reset();
    scope.clear();
    sim.run_for(1s);
    EXPECT_TRUE(log.empty());
}

Task<void> take(OneShot<std::string> shot, std::vector<std::string>& log) {
    log.push_back(co_await shot.take());
}
Task<void> take_until(Machine& m, OneShot<std::string> shot, Instant deadline,
                      std::vector<std::string>& log) {
    auto value = co_await shot.take_until(m.timers, deadline);
    log.push_back(value.value_or("nothing"));
}

TEST(OneShot, KeepsTheFirstValue) {
    SimMachine sim(1);
    OneShot<std::string> shot(sim.machine().executor);
    shot.set("first");
    shot.set("second");
    EXPECT_EQ(sim.await(shot.take()), "first");
}

TEST(OneShot, WakesTheOneWhoWaits) {
    SimMachine sim(1);
    OneShot<std::string> shot(sim.machine().executor);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(take(shot, log));
    sim.run_for(1s);
    EXPECT_TRUE(log.empty());
    shot.set("value");
    sim.run_for(1s);
    EXPECT_THAT(log, ElementsAre("value"));
}

TEST(OneShot, GivesNothingAtTheDeadlineAndTheValueLater) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    OneShot<std::string> shot(m.executor);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(take_until(m, shot, m.clock.now() + 1ms, log));
    sim.run_for(1s);
    shot.set("late");
    scope.spawn(take_until(m, shot, m.clock.now() + 1ms, log));
    sim.run_for(1s);
    EXPECT_THAT(log, ElementsAre("nothing", "late"));
}

TEST(OneShot, SetForAWaiterThatIsGone) {
    SimMachine sim(1);
    OneShot<std::string> shot(sim.machine().executor);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(take(shot, log));
    shot.set("value");
    scope.clear();
    sim.run_for(1s);
    EXPECT_TRUE(log.empty());
}

Task<void> offload_then(Machine& m, std::shared_ptr<int> work, std::vector<std::string>& log) {
    co_await machine::offload(m.executor, [work] { ++*work; });
    log.push_back("done");
}

TEST(Offload, ResumesWhenTheWorkIsDone) {
    SimMachine sim(1);
    auto work = std::make_shared<int>(0);
    std::vector<std::string> log;
    sim.run_task(offload_then(sim.machine(), work, log));
    EXPECT_EQ(*work, 1);
    EXPECT_THAT(log, ElementsAre("done"));
}

TEST(Offload, ADestroyedCoroutineIsNotResumed) {
    SimMachine sim(1);
    auto work = std::make_shared<int>(0);
    std::vector<std::string> log;
    Scope scope;
    scope.spawn(offload_then(sim.machine(), work, log));
    scope.clear();
    sim.run_for(1s);
    EXPECT_EQ(*work, 1);
    EXPECT_TRUE(log.empty());
}

TEST(KillSoftware, LeavesSuspendedCoroutinesToTheirOwner) {
    SimMachine sim(1);
    Machine& m = sim.machine();
    Signal signal(m.executor);
    std::vector<std::string> log;
    auto work = std::make_shared<int>(0);
    Scope scope;
    scope.spawn(sleep_then(m, 1s, log, "sleeper"));
    scope.spawn(wait_for(signal, log, "waiter"));
    scope.spawn(offload_then(m, work, log));
    signal.notify_all();
    sim.kill_software();
    sim.run_for(10s);
    EXPECT_TRUE(log.empty());
    EXPECT_EQ(scope.size(), 3u);
    scope.clear();
    EXPECT_THAT(log, ElementsAre("sleeper gone"));
}

}  // namespace
}  // namespace mill::sim
