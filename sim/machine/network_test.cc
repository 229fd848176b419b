// SPDX-License-Identifier: Apache-2.0
// Connections of the simulated machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "sim/machine/sim_machine.h"

namespace mill::sim {
namespace {

using namespace std::chrono_literals;
using machine::Connection;
using machine::Endpoint;
using machine::Listener;

struct Accepted {
    std::vector<std::unique_ptr<Connection>> connections;
    std::unique_ptr<Listener> listener;
};
Accepted& listen(Accepted& into, Machine& m) {
    into.listener =
        *m.network.listen({"127.0.0.1", 0}, [&into](std::unique_ptr<Connection> connection) {
            into.connections.push_back(std::move(connection));
        });
    return into;
}
std::unique_ptr<Connection> connect(SimMachine& sim, Machine& from, Endpoint to) {
    auto connection = sim.await(from.network.connect(to));
    EXPECT_TRUE(connection);
    sim.run_for(1s);
    return *std::move(connection);
}

Task<void> write(Connection& to, std::string bytes, std::string* outcome) {
    const auto result = co_await to.write(bytes);
    *outcome = result ? "written" : result.error().code;
}
// All bytes, until the end ("|end") or an error ("|code"). Counts the reads.
Task<void> read_all(Connection& from, std::string* got, int* reads = nullptr) {
    char buffer[1000];
    for (;;) {
        const auto count = co_await from.read(buffer, sizeof buffer);
        if (!count || *count == 0) {
            *got += count ? "|end" : "|" + count.error().code;
            co_return;
        }
        got->append(buffer, *count);
        if (reads) ++*reads;
    }
}

std::string text(std::size_t count) {
    std::string bytes;
    for (std::size_t at = 0; at < count; ++at) bytes += static_cast<char>('a' + at * 7 % 26);
    return bytes;
}

TEST(Network, CarriesBytesInOrderInRandomPieces) {
    std::set<int> pieces;
    for (Seed seed = 0; seed < 20; ++seed) {
        SimMachine sim(seed);
        Accepted server;
        listen(server, sim.machine());
        EXPECT_GE(server.listener->local().port, 30000);
        auto client = connect(sim, sim.outside(), server.listener->local());
        ASSERT_EQ(server.connections.size(), 1u);
        std::string got;
        std::string outcome;
        int reads = 0;
        Scope scope;
        scope.spawn(read_all(*server.connections[0], &got, &reads));
        scope.spawn(write(*client, text(50'000), &outcome));
        sim.run_for(1s);
        EXPECT_EQ(got, text(50'000));
        EXPECT_EQ(outcome, "written");
        client.reset();
        sim.run_for(1s);
        EXPECT_EQ(got, text(50'000) + "|end");
        pieces.insert(reads);
    }
    EXPECT_GT(pieces.size(), 5u);
}

TEST(Network, BothDirectionsAreIndependent) {
    SimMachine sim(1);
    Accepted server;
    listen(server, sim.machine());
    auto client = connect(sim, sim.machine(), server.listener->local());
    std::string up;
    std::string down;
    std::string outcome;
    Scope scope;
    scope.spawn(read_all(*server.connections[0], &up));
    scope.spawn(read_all(*client, &down));
    scope.spawn(write(*client, "question", &outcome));
    scope.spawn(write(*server.connections[0], "answer", &outcome));
    sim.run_for(1s);
    EXPECT_EQ(up, "question");
    EXPECT_EQ(down, "answer");
    EXPECT_EQ(client->peer(), server.listener->local());
}

TEST(Network, AFullBufferHoldsTheWriterBack) {
    SimMachine sim(1);
    Accepted server;
    listen(server, sim.machine());
    auto client = connect(sim, sim.outside(), server.listener->local());
    std::string outcome;
    Scope scope;
    scope.spawn(write(*client, text(1'000'000), &outcome));
    sim.run_for(10s);
    EXPECT_EQ(outcome, "");
    std::string got;
    scope.spawn(read_all(*server.connections[0], &got));
    sim.run_for(10s);
    EXPECT_EQ(outcome, "written");
    EXPECT_EQ(got, text(1'000'000));
}

TEST(Network, RefusesWhereNobodyListens) {
    SimMachine sim(1);
    EXPECT_EQ(sim.await(sim.machine().network.connect({"127.0.0.1", 1})).error().code,
              "net.refused");
    Accepted server;
    listen(server, sim.machine());
    const Endpoint at = server.listener->local();
    EXPECT_EQ(sim.machine().network.listen(at, [](auto) {}).error().code, "net.in_use");
    server.listener.reset();
    EXPECT_EQ(sim.await(sim.machine().network.connect(at)).error().code, "net.refused");
    EXPECT_TRUE(sim.machine().network.listen(at, [](auto) {}));
}

TEST(Network, KnowsTheNamesThatSomebodyListensAt) {
    SimMachine sim(1);
    const auto error_at = [&sim](const Endpoint& at) {
        return sim.await(sim.machine().network.connect(at)).error().code;
    };
    const auto any = sim.machine().network.listen({"0.0.0.0", 80}, [](auto) {});
    EXPECT_EQ(error_at({"hooks.example.com", 80}), "net");
    const auto named = sim.machine().network.listen({"hooks.example.com", 81}, [](auto) {});
    EXPECT_TRUE(sim.await(sim.machine().network.connect({"hooks.example.com", 81})));
    EXPECT_EQ(error_at({"hooks.example.com", 82}), "net.refused");
}

TEST(Network, ClosingEndsPendingCallsOnBothEnds) {
    SimMachine sim(1);
    Accepted server;
    listen(server, sim.machine());
    auto client = connect(sim, sim.outside(), server.listener->local());
    std::string mine;
    std::string theirs;
    std::string outcome;
    Scope scope;
    scope.spawn(read_all(*client, &mine));
    scope.spawn(read_all(*server.connections[0], &theirs));
    scope.spawn(write(*server.connections[0], text(1'000'000), &outcome));
    client->close();
    sim.run_for(1s);
    EXPECT_EQ(mine, "|net.closed");
    EXPECT_EQ(theirs, "|end");
    EXPECT_EQ(outcome, "net.closed");
}

TEST(Network, AnEndDestroyedWithItsReaderWaiting) {
    SimMachine sim(1);
    Accepted server;
    listen(server, sim.machine());
    auto client = connect(sim, sim.outside(), server.listener->local());
    std::string got;
    Scope scope;
    scope.spawn(read_all(*client, &got));
    client.reset();
    sim.run_for(1s);
    EXPECT_EQ(got, "|net.closed");
}

TEST(Network, TheDeathOfTheSoftwareEndsItsConnectionsAndListeners) {
    std::set<std::string> seen;
    for (Seed seed = 0; seed < 20; ++seed) {
        SimMachine sim(seed);
        Accepted server;
        listen(server, sim.machine());
        const Endpoint at = server.listener->local();
        auto client = connect(sim, sim.outside(), at);
        std::string dead;
        std::string alive;
        Scope inside;
        Scope outside;
        inside.spawn(read_all(*server.connections[0], &dead));
        outside.spawn(read_all(*client, &alive));
        sim.kill_software();
        sim.run_for(1s);
        EXPECT_EQ(dead, "") << "resumed after death";
        seen.insert(alive);
        EXPECT_EQ(sim.await(sim.outside().network.connect(at)).error().code, "net.refused");
        inside.clear();
        server.connections.clear();
        server.listener.reset();
        std::string outcome;
        outside.spawn(write(*client, "anyone?", &outcome));
        sim.run_for(1s);
        EXPECT_EQ(outcome, "net.closed");
    }
    EXPECT_THAT(seen, ::testing::ElementsAre("|end", "|net.closed"));
}

TEST(Network, DroppedConnectionsAreResetAtBothEnds) {
    int dropped = 0;
    for (Seed seed = 0; seed < 20; ++seed) {
        SimMachine sim(seed);
        Accepted server;
        listen(server, sim.machine());
        auto client = connect(sim, sim.outside(), server.listener->local());
        std::string ours;
        std::string theirs;
        Scope scope;
        scope.spawn(read_all(*client, &ours));
        scope.spawn(read_all(*server.connections[0], &theirs));
        sim.drop_connections();
        sim.run_for(1s);
        EXPECT_EQ(ours, theirs);
        dropped += ours == "|net.closed";
    }
    EXPECT_GT(dropped, 4);
    EXPECT_LT(dropped, 16);
}

TEST(Network, AConnectionMayOutliveTheMachine) {
    std::unique_ptr<Connection> client;
    Accepted server;
    {
        SimMachine sim(1);
        listen(server, sim.machine());
        client = connect(sim, sim.outside(), server.listener->local());
    }
    client->close();
}

}  // namespace
}  // namespace mill::sim
