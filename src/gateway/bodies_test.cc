// SPDX-License-Identifier: Apache-2.0
// Bodies that are taken while they come, and given while they go, on the simulated machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/client_fixture.h"
#include "gateway/gateway.h"
#include "sim/machine/sim_machine.h"

namespace mill::gateway {
namespace {

using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::size_t MiB = 1024 * 1024;

// Takes a piece each time it is let.
struct Store {
    explicit Store(Machine& machine) : changed(machine.executor) {}
    void let(int more) {
        allowed += more;
        changed.notify_all();
    }
    machine::Signal changed;
    int allowed = 1000;
    int under_way = 0;
    Bytes taken;
    int pieces = 0;
    std::string error;
    // Of what it gives:
    std::uint64_t length = 0;
    int gives = 0;
};

struct PutInput {
    std::optional<std::string> name;
    std::optional<wire::Blob> body;
    static constexpr auto shape() {
        return wire::structure("PutInput", wire::member<&PutInput::name>("Name").uri(),
                               wire::member<&PutInput::body>("Body").payload());
    }
};

struct UnderWay {
    explicit UnderWay(Store& s) : store(s) { ++store.under_way; }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    ~UnderWay() { --store.under_way; }
    Store& store;
};

Task<Result<wire::Empty>> put_thing(Store& store, Caller, PutInput input,
                                    wire::http::IncomingBody& body) {
    if (*input.name == "refused") co_return fail("AccessDenied", "Access Denied", 403);
    const UnderWay under_way(store);
    while (true) {
        while (store.allowed == 0) co_await store.changed.wait();
        --store.allowed;
        auto piece = co_await body.next();
        if (!piece) {
            store.error = piece.error().code;
            co_return fail("IncompleteBody", "It ends early.", 400);
        }
        ++store.pieces;
        store.taken += piece->bytes;
        if (piece->is_last) co_return wire::Empty{};
    }
}

class Source final : public wire::http::BodySource {
  public:
    explicit Source(int pieces) : left_(pieces) {}
    Task<bool> next(std::string& out) override {
        if (left_ == 0) co_return false;
        --left_;
        out.append(MiB, 'g');
        co_return true;
    }

  private:
    int left_;
};

struct GetOutput {
    std::optional<wire::OutgoingBody> body;
    std::int64_t length = 0;
    static constexpr auto shape() {
        return wire::structure("GetOutput", wire::member<&GetOutput::body>("Body").payload(),
                               wire::member<&GetOutput::length>("Length").header("Content-Length"));
    }
};
Task<Result<GetOutput>> get_thing(Store& store, Caller, PutInput) {
    co_return GetOutput{.body = {{.bytes = {}, .source = std::make_shared<Source>(store.gives)}},
                        .length = static_cast<std::int64_t>(store.length)};
}

class BodiesTest : public ::testing::Test {
  protected:
    BodiesTest() {
        gateway.emplace(world.machine(), Options{.idle_max = seconds(60)},
                        std::vector<wire::Service>{{.signing_name = "s3",
                                                    .protocol = wire::Protocol::rest_xml,
                                                    .operations = operations,
                                                    .instance = &store}});
        gateway->set_streamed(all_streamed);
        at = *gateway->listen({"127.0.0.1", 0});
        connection = *world.await(world.machine().network.connect(at));
        scope.spawn(read_on(*connection, &got, &ended));
    }
    static Task<void> write_all(machine::Connection& to, std::string bytes, bool* done) {
        *done = (co_await to.write(bytes)).has_value();
    }
    // Goes on by itself.
    void send(std::string bytes) {
        sent = false;
        scope.spawn(write_all(*connection, std::move(bytes), &sent));
        world.run_for(seconds(2));
    }
    static std::string head(const std::string& start, const std::string& more) {
        return start +
               " HTTP/1.1\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 Credential="
               "test/20260112/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00\r\n" +
               more + "\r\n";
    }
    static std::string put_head(std::size_t length, const std::string& more = "") {
        return head("PUT /thing", "Content-Length: " + std::to_string(length) + "\r\n" + more);
    }
    static Bytes some_bytes(std::size_t count) {
        Bytes bytes(count, '\0');
        for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
        return bytes;
    }

    sim::SimMachine world{7};
    Store store{world.machine()};
    wire::Operation put_operation =
        wire::streamed_operation<&put_thing>("PutThing", {"PUT", "/{Name}"});
    wire::Operation get_operation = wire::operation<&get_thing>("GetThing", {"GET", "/{Name}"});
    wire::Operation whole_operation = wire::operation<&get_thing>("PostThing", {"POST", "/{Name}"});
    std::array<const wire::Operation*, 3> operations{&put_operation, &get_operation,
                                                     &whole_operation};
    wire::StreamedOperation put_streamed = wire::streamed<&put_thing>(put_operation);
    std::array<const wire::StreamedOperation*, 1> all_streamed{&put_streamed};
    std::optional<Gateway> gateway;
    machine::Endpoint at;
    std::unique_ptr<machine::Connection> connection;
    std::string got;
    bool ended = false, sent = false;
    Scope scope;
};

TEST_F(BodiesTest, ALargeBodyComesInPiecesAndTheConnectionGoesOn) {
    const Bytes body = some_bytes(5 * MiB + 3);
    send(put_head(body.size()) + body + put_head(2) + "ok" + put_head(body.size()) + body);
    EXPECT_EQ(store.taken, body + "ok" + body);
    EXPECT_EQ(store.pieces, 6 + 1 + 6);
    EXPECT_THAT(got, HasSubstr("HTTP/1.1 200 OK\r\n"));
    EXPECT_FALSE(ended);
}

TEST_F(BodiesTest, NothingIsReadAheadOfASlowTaker) {
    store.allowed = 0;
    const Bytes body = some_bytes(40 * MiB);
    send(put_head(body.size()) + body);
    EXPECT_FALSE(sent);
    store.let(2);
    world.run_for(seconds(600));
    EXPECT_FALSE(sent);
    EXPECT_EQ(store.taken.size(), 2 * MiB);
    store.let(1000);
    world.run_for(seconds(5));
    EXPECT_TRUE(sent);
    EXPECT_EQ(store.taken, body);
    EXPECT_THAT(got, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(BodiesTest, TheClientIsToldToGoOnWhenTheBodyIsWanted) {
    store.allowed = 0;
    send(put_head(2 * MiB, "Expect: 100-continue\r\n"));
    EXPECT_EQ(got, "");
    store.let(1000);
    world.run_for(seconds(1));
    EXPECT_EQ(got, wire::http::RequestParser::continue_line);
    send(some_bytes(2 * MiB));
    EXPECT_THAT(got, HasSubstr("HTTP/1.1 200 OK\r\n"));
    EXPECT_FALSE(ended);
}

TEST_F(BodiesTest, EachRequestIsToldToGoOnInItsTurn) {
    send(head("PUT /thing", "Transfer-Encoding: chunked\r\n") + "5\r\nfirst\r\n0\r\n\r\n" +
         put_head(2 * MiB, "Expect: 100-continue\r\n"));
    EXPECT_EQ(store.taken, "first");
    EXPECT_THAT(got, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(got, EndsWith(std::string(wire::http::RequestParser::continue_line)));
}

TEST_F(BodiesTest, ARefusedClientIsNotToldToGoOn) {
    send(head("PUT /refused", "Content-Length: 9999999\r\nExpect: 100-continue\r\n"));
    EXPECT_THAT(got, StartsWith("HTTP/1.1 403 "));
    EXPECT_THAT(got, HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(ended);
}

TEST_F(BodiesTest, WhatIsLeftOfARefusedBodyIsReadAndDropped) {
    const Bytes body = some_bytes(20 * MiB);
    send(head("PUT /refused", "Content-Length: " + std::to_string(body.size()) + "\r\n") + body);
    EXPECT_TRUE(sent);
    EXPECT_THAT(got, StartsWith("HTTP/1.1 403 "));
    EXPECT_THAT(got, HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(ended);
    EXPECT_EQ(store.taken, "");
}

TEST_F(BodiesTest, ARefusedBodyWithoutEndIsNotReadForEver) {
    send(head("PUT /refused", "Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(got, StartsWith("HTTP/1.1 403 "));
    for (int i = 0; i < 20 && !ended; ++i) {
        send("6\r\nendure\r\n");
        world.run_for(seconds(8));
        EXPECT_TRUE(ended || i < 6) << i;
    }
    EXPECT_TRUE(ended);
    EXPECT_EQ(store.taken, "");
}

TEST_F(BodiesTest, ARefusedBodyThatIsHereIsNotTakenForTheNext) {
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    send(head("PUT /refused", chunked) + "5\r\nfirst\r\n0\r\n\r\n" + head("PUT /thing", chunked) +
         "6\r\nsecond\r\n0\r\n\r\n");
    EXPECT_THAT(got, StartsWith("HTTP/1.1 403 "));
    EXPECT_THAT(got, HasSubstr("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(store.taken, "second");
    EXPECT_FALSE(ended);
}

TEST_F(BodiesTest, AClientThatGoesInTheMiddleIsNoticed) {
    send(put_head(9 * MiB) + some_bytes(3 * MiB));
    EXPECT_EQ(store.under_way, 1);
    connection->close();
    world.run_for(seconds(1));
    EXPECT_EQ(store.under_way, 0);
    EXPECT_EQ(store.error, "net.closed");
    EXPECT_THAT(gateway->metrics_text(), HasSubstr("millrace_connections 0"));
}

TEST_F(BodiesTest, AClientThatStopsSendingIsDropped) {
    send(put_head(9 * MiB) + some_bytes(3 * MiB));
    world.run_for(seconds(50));
    EXPECT_EQ(store.under_way, 1);
    world.run_for(seconds(20));
    EXPECT_EQ(store.under_way, 0);
    EXPECT_TRUE(ended);
}

TEST_F(BodiesTest, ChunksOfUnknownLengthAreTakenToo) {
    const Bytes body = some_bytes(2 * MiB);
    send(head("PUT /thing", "Transfer-Encoding: chunked\r\n") + "200000\r\n" + body +
         "\r\n5\r\nhello\r\n0\r\nX-Trailer: t\r\n\r\n" + put_head(2) + "ok");
    EXPECT_EQ(store.taken, body + "hello" + "ok");
    EXPECT_FALSE(ended);
}

TEST_F(BodiesTest, ABrokenChunkEndsTheBodyAndTheConnection) {
    send(head("PUT /thing", "Transfer-Encoding: chunked\r\n") + "5\r\nhello, too long\r\n");
    EXPECT_EQ(store.error, "http.malformed");
    EXPECT_THAT(got, StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(got, HasSubstr("IncompleteBody"));
    EXPECT_TRUE(ended);
}

TEST_F(BodiesTest, BodiesOfOtherOperationsAreStillHeldAndBounded) {
    store.gives = 1;
    store.length = MiB;
    const Bytes body = some_bytes(2 * MiB);
    send(head("POST /thing", "Content-Length: " + std::to_string(body.size()) + "\r\n") + body);
    EXPECT_THAT(got, StartsWith("HTTP/1.1 200 OK\r\n"));
    got.clear();
    send(head("POST /thing", "Content-Length: 99999999\r\n"));
    EXPECT_THAT(got, StartsWith("HTTP/1.1 413 "));
    EXPECT_TRUE(ended);
}

TEST_F(BodiesTest, ALargeAnswerHasItsLengthAndNoChunks) {
    store.gives = 3;
    store.length = 3 * MiB;
    send(head("GET /thing", "") + head("GET /thing", ""));
    EXPECT_THAT(got, HasSubstr("Content-Length: 3145728\r\n"));
    EXPECT_THAT(got, Not(HasSubstr("chunked")));
    EXPECT_THAT(got, EndsWith("\r\n\r\n" + std::string(3 * MiB, 'g')));
    EXPECT_GT(got.size(), 6 * MiB);
    EXPECT_FALSE(ended);
}

TEST_F(BodiesTest, ALargeBodyMayComeBehindALargeAnswer) {
    store.gives = 40;
    store.length = 40 * MiB;
    const Bytes body = some_bytes(5 * MiB);
    scope.spawn(write_all(*connection, head("GET /thing", "") + put_head(body.size()), &sent));
    world.run_for(std::chrono::milliseconds(2));
    EXPECT_GT(got.size(), 0u);
    EXPECT_LT(got.size(), 40 * MiB);
    send(body);
    EXPECT_TRUE(store.taken == body);
    EXPECT_THAT(got, EndsWith("\r\n\r\n"));
    EXPECT_FALSE(ended);
}

TEST_F(BodiesTest, AnAnswerThatEndsEarlyEndsTheConnection) {
    store.gives = 2;
    store.length = 3 * MiB;
    send(head("GET /thing", ""));
    EXPECT_TRUE(ended);
    EXPECT_THAT(got, EndsWith(std::string(2 * MiB, 'g')));
}

TEST_F(BodiesTest, AnAnswerUnderWayIsFinishedWhenTheServerStops) {
    store.gives = 40;
    store.length = 40 * MiB;
    scope.spawn(write_all(*connection, head("GET /thing", ""), &sent));
    world.run_for(std::chrono::milliseconds(2));
    EXPECT_LT(got.size(), 40 * MiB);
    scope.spawn(gateway->drain(world.machine().clock.now() + seconds(60)));
    world.run_for(seconds(2));
    EXPECT_GT(got.size(), 40 * MiB);
}

}  // namespace
}  // namespace mill::gateway
