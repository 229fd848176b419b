// SPDX-License-Identifier: Apache-2.0
// Answers that are streams, on the simulated machine: an operation whose events are those that the
// test hands out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "gateway/client_fixture.h"
#include "gateway/gateway.h"
#include "sim/machine/sim_machine.h"
#include "wire/events.h"
#include "wire/http_client.h"

namespace mill::gateway {
namespace {

using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct News {
    std::string text;
    static constexpr auto shape() {
        return wire::structure("News", wire::member<&News::text>("Text"));
    }
};
struct NewsStream {
    std::optional<News> news;
    static constexpr auto shape() {
        return wire::structure("NewsStream", wire::member<&NewsStream::news>("News"),
                               wire::event_error("GoneException"));
    }
};

// What the operation has to say, and how far it has come.
struct Desk {
    explicit Desk(Machine& machine) : changed(machine.executor) {}
    void say(std::string text) {
        due.push_back(wire::event(NewsStream{News{std::move(text)}}));
        changed.notify_all();
    }
    void end(Result<std::optional<wire::Event>> with = std::nullopt) {
        due.push_back(std::move(with));
        changed.notify_all();
    }
    std::deque<Result<std::optional<wire::Event>>> due;
    machine::Signal changed;
    int asked = 0;
    int open = 0;
};

class Reporter final : public wire::EventSource {
  public:
    explicit Reporter(Desk& desk) : desk_(desk) { ++desk_.open; }
    Reporter(const Reporter&) = delete;
    Reporter& operator=(const Reporter&) = delete;
    ~Reporter() override { --desk_.open; }
    Task<Result<std::optional<wire::Event>>> next() override {
        ++desk_.asked;
        while (desk_.due.empty()) co_await desk_.changed.wait();
        auto event = std::move(desk_.due.front());
        desk_.due.pop_front();
        co_return event;
    }

  private:
    Desk& desk_;
};

struct FollowOutput {
    std::shared_ptr<wire::EventSource> events;
    static constexpr auto shape() {
        return wire::structure("FollowOutput", wire::event_stream<NewsStream>("Stream"));
    }
};
Task<Result<FollowOutput>> follow(Desk& desk, Caller, wire::NoInput) {
    co_return FollowOutput{std::make_shared<Reporter>(desk)};
}

constexpr std::string_view request_head =
    "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Fake_1.Follow\r\nContent-Length: 2\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20260112/eu-west-1/kinesis/"
    "aws4_request, SignedHeaders=host, Signature=00\r\n\r\n{}";

class StreamsTest : public ::testing::Test {
  protected:
    StreamsTest() {
        gateway.emplace(world.machine(), Options{.idle_max = seconds(60)},
                        std::vector<wire::Service>{{.signing_name = "kinesis",
                                                    .target_prefix = "Fake_1",
                                                    .protocol = wire::Protocol::aws_json,
                                                    .json_version = "1.1",
                                                    .api_version = "2010-01-01",
                                                    .xml_namespace = {},
                                                    .operations = operations,
                                                    .instance = &desk}});
        at = *gateway->listen({"127.0.0.1", 0});
    }
    void connect() {
        connection = *world.await(world.machine().network.connect(at));
        ASSERT_TRUE(connection);
    }
    void ask(std::string head = std::string(request_head)) {
        if (!connection) connect();
        ASSERT_TRUE(world.await(connection->write(head)));
    }
    void read() { scope.spawn(read_on(*connection, &got, &ended)); }
    void open() {
        ask();
        read();
        world.run_for(seconds(1));
    }
    static Task<void> drain_on(Gateway& gateway, Instant deadline, bool* done) {
        co_await gateway.drain(deadline);
        *done = true;
    }

    sim::SimMachine world{7};
    Desk desk{world.machine()};
    wire::Operation operation = wire::operation<&follow>("Follow");
    std::array<const wire::Operation*, 1> operations{&operation};
    std::optional<Gateway> gateway;
    machine::Endpoint at;
    std::unique_ptr<machine::Connection> connection;
    std::string got;
    bool ended = false;
    Scope scope;
};

TEST_F(StreamsTest, BeginsAtOnceAndSendsEachEventWhenItComes) {
    open();
    EXPECT_THAT(got, HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(got, HasSubstr("Content-Type: application/vnd.amazon.eventstream\r\n"));
    EXPECT_THAT(got, Not(HasSubstr("Content-Length")));
    EXPECT_THAT(got, HasSubstr("initial-response"));
    EXPECT_THAT(got, Not(HasSubstr("hello")));
    desk.say("hello");
    world.run_for(seconds(1));
    EXPECT_THAT(got, HasSubstr(R"({"Text":"hello"})"));
    EXPECT_THAT(got, Not(EndsWith("0\r\n\r\n")));
}

TEST_F(StreamsTest, TheConnectionIsGoodForMoreWhenAStreamHasEnded) {
    open();
    desk.say("hello");
    desk.end();
    world.run_for(seconds(1));
    EXPECT_THAT(got, EndsWith("\r\n0\r\n\r\n"));
    EXPECT_EQ(desk.open, 0);
    got.clear();
    ask();
    desk.say("again");
    world.run_for(seconds(1));
    EXPECT_THAT(got, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(got, HasSubstr("again"));
}

TEST_F(StreamsTest, WhatIsPipelinedIsAnsweredAfterTheStream) {
    ask(std::string(request_head) + std::string(request_head));
    read();
    desk.end();
    desk.say("second");
    world.run_for(seconds(1));
    EXPECT_THAT(got, HasSubstr("0\r\n\r\nHTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(got, HasSubstr("second"));
}

TEST_F(StreamsTest, AnErrorIsTheLastEvent) {
    open();
    desk.end(fail("GoneException", "It has gone.", 400));
    world.run_for(seconds(1));
    EXPECT_THAT(got, HasSubstr("GoneException"));
    EXPECT_THAT(got, HasSubstr(R"({"message":"It has gone."})"));
    EXPECT_THAT(got, EndsWith("0\r\n\r\n"));
}

TEST_F(StreamsTest, AnInternalErrorIsToldWithoutItsText) {
    open();
    desk.end(fail("io", "secret"));
    world.run_for(seconds(1));
    EXPECT_THAT(got, HasSubstr("InternalFailure"));
    EXPECT_THAT(got, Not(HasSubstr("secret")));
}

TEST_F(StreamsTest, ASlowClientIsNotReadAheadFor) {
    ask();
    for (int n = 0; n < 100; ++n) desk.say(std::string(64 * 1024, 'x'));
    world.run_for(seconds(1));
    const int before = desk.asked;
    EXPECT_LT(before, 10);  // what the sockets hold, and one piece
    world.run_for(seconds(30));
    EXPECT_EQ(desk.asked, before);
    read();
    world.run_for(seconds(5));
    EXPECT_EQ(desk.asked, 101);
    EXPECT_GT(got.size(), 100U * 64 * 1024);
}

TEST_F(StreamsTest, AClientThatTakesNothingForLongIsDropped) {
    ask();
    for (int n = 0; n < 100; ++n) desk.say(std::string(64 * 1024, 'x'));
    world.run_for(seconds(59));
    EXPECT_EQ(desk.open, 1);
    world.run_for(seconds(3));
    EXPECT_EQ(desk.open, 0);
    EXPECT_THAT(gateway->metrics_text(), HasSubstr("millrace_connections 0"));
}

TEST_F(StreamsTest, AQuietStreamLastsLongerThanAnIdleConnection) {
    open();
    world.run_for(seconds(600));
    EXPECT_EQ(desk.open, 1);
    EXPECT_FALSE(ended);
}

TEST_F(StreamsTest, AClientThatGoesIsNoticedWhileNothingIsSaid) {
    open();
    EXPECT_EQ(desk.open, 1);
    connection->close();
    world.run_for(seconds(1));
    EXPECT_EQ(desk.open, 0);
    EXPECT_THAT(gateway->metrics_text(), HasSubstr("millrace_connections 0"));
}

TEST_F(StreamsTest, ADrainEndsStreamsBetweenTwoEvents) {
    open();
    bool drained = false;
    scope.spawn(drain_on(*gateway, world.machine().clock.now() + seconds(5), &drained));
    world.run_for(seconds(1));
    EXPECT_TRUE(drained);
    EXPECT_THAT(got, EndsWith("0\r\n\r\n"));
    EXPECT_TRUE(ended);
    EXPECT_EQ(desk.open, 0);
}

TEST_F(StreamsTest, ADrainLetsTheEventUnderWayBeTaken) {
    ask();
    for (int n = 0; n < 10; ++n) desk.say(std::string(300 * 1024, 'x'));
    world.run_for(seconds(1));
    bool drained = false;
    scope.spawn(drain_on(*gateway, world.machine().clock.now() + seconds(5), &drained));
    world.run_for(seconds(1));
    EXPECT_FALSE(drained);
    read();
    world.run_for(seconds(1));
    EXPECT_TRUE(drained);
    EXPECT_THAT(got, EndsWith("\r\n0\r\n\r\n"));
    EXPECT_GT(desk.due.size(), 0U);
}

TEST_F(StreamsTest, HttpOneZeroCannotTakeAStream) {
    std::string head(request_head);
    head.replace(head.find("HTTP/1.1"), 8, "HTTP/1.0");
    ask(head);
    read();
    world.run_for(seconds(1));
    EXPECT_THAT(got, StartsWith("HTTP/1.1 505 "));
    EXPECT_EQ(desk.open, 0);
}

}  // namespace
}  // namespace mill::gateway
