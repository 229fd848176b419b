// SPDX-License-Identifier: Apache-2.0
// Executor, timers, signals and network of the real machine.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "posix/child.h"
#include "posix/test_support.h"

namespace mill::posix {
namespace {

using namespace std::chrono_literals;
using machine::Connection;
using machine::Endpoint;
using testing::ElementsAre;

struct RealMachine : testing::Test {
    PosixMachine posix{{.log_level = LogLevel::error}};
    Machine& machine = posix.machine();
};

TEST_F(RealMachine, PostedJobsRunInOrderAndNotInsideThePost) {
    std::vector<int> order;
    machine.executor.post([&] {
        machine.executor.post([&] { order.push_back(3); });
        order.push_back(1);
    });
    machine.executor.post([&] { order.push_back(2); });
    machine.executor.post([&] { machine.executor.post([&] { posix.stop(); }); });
    EXPECT_TRUE(order.empty());
    posix.run();
    EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(RealMachine, OffloadedWorkRunsElsewhereAndIsReportedHere) {
    const auto here = std::this_thread::get_id();
    std::thread::id worked;
    std::thread::id reported;
    machine.executor.offload([&] { worked = std::this_thread::get_id(); },
                             [&] {
                                 reported = std::this_thread::get_id();
                                 posix.stop();
                             });
    posix.run();
    EXPECT_NE(worked, here);
    EXPECT_EQ(reported, here);
}

// Found by kill -9 after SIGTERM: a read still on its way met a machine without files.
TEST(RealMachineEnd, OffloadedWorkStillQueuedHasTheWholeMachine) {
    constexpr int pieces = 2000;
    std::atomic<int> done = 0;
    {
        PosixMachine posix{{.log_level = LogLevel::error}};
        for (int i = 0; i < pieces; ++i) {
            posix.machine().executor.offload(
                [&done, &files = posix.machine().files] { done += files.exists("/") ? 1 : 0; },
                [] {});
        }
    }
    EXPECT_EQ(done, pieces);
}

TEST_F(RealMachine, BriefWorkIsDoneAfterWhatWasPostedAndThenReported) {
    std::vector<int> order;
    machine.executor.post([&] {
        machine.executor.post([&] { order.push_back(1); });
        machine.executor.offload_brief([&] { order.push_back(2); },
                                       [&] {
                                           order.push_back(3);
                                           posix.stop();
                                       });
        EXPECT_TRUE(order.empty());
    });
    posix.run();
    EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(RealMachine, BriefWorkThatTakesLongIsHandedToAnotherThread) {
    const auto here = std::this_thread::get_id();
    std::thread::id worked = here;
    for (int i = 0; i < 3 && worked == here; ++i) {
        machine.executor.offload_brief(
            [&] {
                worked = std::this_thread::get_id();
                const auto end = std::chrono::steady_clock::now() + 20ms;
                while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
            },
            [&] { posix.stop(); });
        posix.run();
    }
    EXPECT_NE(worked, here);
}

TEST(RealMachineCores, ASpareCoreIsOneThatTheProcessMayUse) {
    cpu_set_t before;
    ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
    EXPECT_EQ(PosixMachine().machine().executor.has_spare_core(), CPU_COUNT(&before) > 1);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_FALSE(PosixMachine().machine().executor.has_spare_core());
    EXPECT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

TEST_F(RealMachine, JobsThatPostJobsKeepNoTimerOut) {
    bool due = false;
    std::function<void()> again = [&] {
        if (!due) machine.executor.post([&] { again(); });
    };
    again();
    auto timer = machine.timers.at(machine.clock.now() + 1ms, [&] {
        due = true;
        posix.stop();
    });
    posix.run();
    EXPECT_TRUE(due);
}

TEST_F(RealMachine, TimersFireInOrderOfTheirTime) {
    std::vector<int> order;
    const Instant now = machine.clock.now();
    auto late = machine.timers.at(now + 20ms, [&] {
        order.push_back(2);
        posix.stop();
    });
    auto early = machine.timers.at(now + 5ms, [&] { order.push_back(1); });
    posix.run();
    EXPECT_THAT(order, ElementsAre(1, 2));
    EXPECT_GE(machine.clock.now(), now + 20ms);
}

TEST_F(RealMachine, JobOfADestroyedTimerIsNeverCalled) {
    bool called = false;
    const Instant now = machine.clock.now();
    machine::TimerHandle victim;
    // Both are due when the executor starts: the first one's job takes the second away.
    auto killer = machine.timers.at(now - 2ms, [&] { victim.reset(); });
    victim = machine.timers.at(now - 1ms, [&] { called = true; });
    auto end = machine.timers.at(now + 5ms, [&] { posix.stop(); });
    posix.run();
    EXPECT_FALSE(called);
}

TEST_F(RealMachine, JobMayDestroyItsOwnTimer) {
    std::string text = "captured by the job";
    std::string seen;
    machine::TimerHandle handle;
    handle = machine.timers.at(machine.clock.now(), [&, text] {
        handle.reset();
        seen = text;
        posix.stop();
    });
    posix.run();
    EXPECT_EQ(seen, "captured by the job");
}

TEST_F(RealMachine, ManyTimersSetAndTakenAwayFireInOrder) {
    std::vector<int> fired;
    std::vector<machine::TimerHandle> handles(200);
    const Instant now = machine.clock.now();
    for (int i = 0; i < 200; ++i) {  // 77 and 200 have no common divisor: each time once
        const int time = i * 77 % 200;
        handles[static_cast<std::size_t>(time)] = machine.timers.at(
            now + std::chrono::microseconds(time * 10), [&fired, time] { fired.push_back(time); });
    }
    std::vector<int> expected;
    for (int time = 0; time < 200; ++time) {
        if (time % 3 == 0) {
            handles[static_cast<std::size_t>(time)].reset();
        } else {
            expected.push_back(time);
        }
    }
    auto end = machine.timers.at(now + 5ms, [&] { posix.stop(); });
    posix.run();
    EXPECT_EQ(fired, expected);
}

TEST_F(RealMachine, TimerForTheEndOfTimeWaits) {
    bool called = false;
    auto never = machine.timers.at(Instant::max(), [&] { called = true; });
    posix.run_until_done(machine::sleep_until(machine.timers, machine.clock.now() + 2ms));
    EXPECT_FALSE(called);
}

TEST_F(RealMachine, EntropyDiffers) {
    EXPECT_NE(machine::random_hex(machine.entropy, 32), machine::random_hex(machine.entropy, 32));
}

TEST_F(RealMachine, TerminationIsHandledOnTheExecutor) {
    int count = 0;
    posix.on_terminate([&] {
        if (++count == 2) posix.stop();
    });
    machine.executor.post([] { ::raise(SIGTERM); });
    auto again = machine.timers.at(machine.clock.now() + 10ms, [] { ::raise(SIGINT); });
    posix.run();
    EXPECT_EQ(count, 2);
}

// A pipe that takes no more, its writing end not blocking if `at_once`.
Pipe full_pipe(bool at_once) {
    Pipe pipe = *make_pipe();
    ::fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK);
    const std::string page(PIPE_BUF, '.');
    while (::write(pipe.write.get(), page.data(), page.size()) > 0) {
    }
    if (!at_once) ::fcntl(pipe.write.get(), F_SETFL, 0);
    return pipe;
}

TEST_F(RealMachine, LinesWaitForTheirReader) {
    for (const bool at_once : {false, true}) {
        Pipe pipe = full_pipe(at_once);
        std::string got;
        std::thread reader([&] {
            char buffer[1000];
            for (ssize_t count = 1; count > 0; got.append(buffer, static_cast<std::size_t>(count)))
                count = ::read(pipe.read.get(), buffer, sizeof buffer);
        });
        const std::string line(200'000, 'x');
        posix.write_line(pipe.write.get(), line + "\n\n");
        pipe.write.reset();
        reader.join();
        EXPECT_TRUE(got.substr(got.find('x')) == line + "\n");
    }
}

TEST_F(RealMachine, LinesThatNobodyReadsDoNotStandAgainstTheEnd) {
    const Pipe pipe = full_pipe(false);
    int count = 0;
    posix.on_terminate([&] {
        ++count;
        posix.write_line(pipe.write.get(), "ending");
        posix.stop();
    });
    machine.executor.post([&] {
        ::raise(SIGTERM);
        posix.write_line(pipe.write.get(), "stuck");
    });
    posix.run();
    EXPECT_EQ(count, 1);
}

TEST_F(RealMachine, LinesThatNobodyWillReadAreDropped) {
    Pipe pipe = full_pipe(false);
    pipe.read.reset();
    const int fd = pipe.write.get();
    posix.write_line(fd, "lost");
    pipe.write.reset();
    posix.write_line(fd, "lost");  // not open at all
}

Task<void> echo(std::unique_ptr<Connection> connection) {
    char buffer[4096];
    while (true) {
        const auto got = co_await connection->read(buffer, sizeof buffer);
        if (!got || *got == 0) co_return;
        if (!co_await connection->write(BytesView(buffer, *got))) co_return;
    }
}

Task<Result<void>> send_all(Connection& connection, std::string text) {
    co_return co_await connection.write(text);
}

Task<Result<Bytes>> converse(Machine& machine, Endpoint to, std::string text) {
    MILL_CO_TRY(auto connection, co_await machine.network.connect(to));
    Scope scope;
    std::optional<Result<void>> sent;
    scope.spawn(keep_result(send_all(*connection, text), sent));
    Bytes answer;
    char buffer[4096];
    while (answer.size() < text.size()) {
        MILL_CO_TRY(const std::size_t got, co_await connection->read(buffer, sizeof buffer));
        if (got == 0) break;
        answer.append(buffer, got);
    }
    co_return answer;
}

struct EchoServer {
    explicit EchoServer(Machine& machine, const std::string& host = "127.0.0.1") {
        auto listening = machine.network.listen(
            {host, 0}, [this](std::unique_ptr<Connection> c) { scope.spawn(echo(std::move(c))); });
        if (listening) listener = *std::move(listening);
    }
    std::unique_ptr<machine::Listener> listener;
    Scope scope;
};

TEST_F(RealMachine, ConnectionsCarryBytesBothWays) {
    EchoServer server(machine);
    ASSERT_TRUE(server.listener);
    EXPECT_NE(server.listener->local().port, 0);
    EXPECT_EQ(run(posix, converse(machine, server.listener->local(), "hello")), "hello");
    // More than the kernel's buffers hold: both sides suspend.
    const std::string large(8 * 1024 * 1024, 'x');
    EXPECT_EQ(run(posix, converse(machine, server.listener->local(), large)), large);
}

Task<void> send_for_ever(std::unique_ptr<Connection> connection) {
    const std::string bytes(64 * 1024, 'x');
    while (co_await connection->write(bytes)) {
    }
}

Task<void> read_for_ever(Connection& connection) {
    char buffer[16];
    while (co_await connection.read(buffer, sizeof buffer)) {
    }
}

TEST_F(RealMachine, PeerThatNeverStopsSendingKeepsNoTimerOut) {
    Scope scope;
    auto listener = *machine.network.listen({"127.0.0.1", 0}, [&](std::unique_ptr<Connection> c) {
        scope.spawn(send_for_ever(std::move(c)));
    });
    auto connection = *run(posix, machine.network.connect(listener->local()));
    Scope reading;
    reading.spawn(read_for_ever(*connection));
    posix.run_until_done(machine::sleep_until(machine.timers, machine.clock.now() + 20ms));
}

TEST_F(RealMachine, PortInUseAndRefusedConnectionsHaveCodes) {
    Endpoint where;
    {
        EchoServer server(machine);
        where = server.listener->local();
        const auto second = machine.network.listen(where, [](std::unique_ptr<Connection>) {});
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, "net.in_use");
        EXPECT_THAT(second.error().message, testing::HasSubstr(where.text()));
    }
    EXPECT_EQ(run(posix, machine.network.connect(where)).error().code, "net.refused");
    EXPECT_EQ(machine.network.listen({"example.org", 0}, {}).error().code, "net");
}

Task<Result<std::size_t>> read_once(Connection& connection) {
    char buffer[16];
    co_return co_await connection.read(buffer, sizeof buffer);
}

TEST_F(RealMachine, ClosingEndsAPendingRead) {
    EchoServer server(machine);
    auto connection = *run(posix, machine.network.connect(server.listener->local()));
    Scope scope;
    std::optional<Result<std::size_t>> result;
    scope.spawn(keep_result(read_once(*connection), result));
    EXPECT_FALSE(result);
    connection->close();
    posix.run_until_done(machine::yield(machine.executor));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error().code, "net.closed");
}

TEST_F(RealMachine, PendingReadMayBeDestroyedBeforeOrAfterItsConnection) {
    EchoServer server(machine);
    for (const bool connection_first : {true, false}) {
        auto connection = *run(posix, machine.network.connect(server.listener->local()));
        Scope scope;
        std::optional<Result<std::size_t>> result;
        scope.spawn(keep_result(read_once(*connection), result));
        ASSERT_TRUE(run(posix, send_all(*connection, "x")));
        if (connection_first) connection.reset();
        scope.clear();
        posix.run_until_done(machine::sleep_until(machine.timers, machine.clock.now() + 5ms));
        EXPECT_FALSE(result);
    }
}

TEST_F(RealMachine, DestroyedConnectionReadsAsItsEndOnTheOtherSide) {
    std::unique_ptr<Connection> accepted;
    auto listener = machine.network.listen(
        {"127.0.0.1", 0}, [&](std::unique_ptr<Connection> c) { accepted = std::move(c); });
    ASSERT_TRUE(listener);
    auto connection = *run(posix, machine.network.connect((*listener)->local()));
    while (!accepted) posix.run_until_done(machine::yield(machine.executor));
    EXPECT_EQ(accepted->peer().host, "127.0.0.1");
    accepted.reset();
    EXPECT_EQ(run(posix, read_once(*connection)), 0u);
}

}  // namespace
}  // namespace mill::posix
