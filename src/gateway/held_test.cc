// SPDX-License-Identifier: Apache-2.0
// Answers that are made while what they tell becomes durable (wire/held.h).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "gateway/gateway.h"
#include "sim/machine/sim_machine.h"

namespace mill::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;
using wire::http::Request;
using wire::http::Response;

struct Input {
    std::optional<std::string> text;
    static constexpr auto shape() {
        return wire::structure("Input", wire::member<&Input::text>("Text").required());
    }
};
struct Reply {
    std::string text;
    static constexpr auto shape() {
        return wire::structure("Reply", wire::member<&Reply::text>("Text"));
    }
};

// A disk that syncs when it is told to.
struct Disk {
    machine::OneShot<Result<wire::Told>> synced;
    int told = 0;  // answers made
    std::shared_ptr<Reply> reply;
};

Task<Result<wire::Held<Reply>>> keep(Disk& disk, Caller, Input input) {
    if (*input.text == "bad") co_return fail("ValidationException", "It is bad.", 400);
    ++disk.told;
    disk.reply = std::make_shared<Reply>(*input.text);
    co_return wire::Held<Reply>{disk.reply, disk.synced.take()};
}

struct HeldTest : testing::Test {
    HeldTest() {
        gateway.emplace(world.machine(), Options{},
                        std::vector<wire::Service>{{.signing_name = "kinesis",
                                                    .target_prefix = "Fake_1",
                                                    .protocol = wire::Protocol::aws_json,
                                                    .json_version = "1.1",
                                                    .operations = operations,
                                                    .instance = &disk}});
        gateway->set_held(all_held);
    }
    static Task<void> take(Task<Response> answer, std::optional<Response>& to) {
        to.emplace(co_await std::move(answer));
    }
    void ask(const std::string& text) {
        Request request{.method = "POST", .target = "/", .body = R"({"Text":")" + text + "\"}"};
        request.headers.set("Host", "localhost");
        request.headers.set("X-Amz-Target", "Fake_1.Keep");
        request.headers.set("Authorization",
                            "AWS4-HMAC-SHA256 Credential=test/20260112/eu-west-1/kinesis/"
                            "aws4_request, SignedHeaders=host, Signature=00");
        tasks.spawn(take(gateway->serve(std::move(request)), answer));
        run();
    }
    void run() { world.run_for(std::chrono::milliseconds(1)); }
    // What becomes of what was told: the answer comes.
    const Response& settle(Result<wire::Told> told) {
        disk.synced.set(std::move(told));
        run();
        EXPECT_TRUE(answer);
        if (!answer) answer.emplace();
        EXPECT_EQ(answer->headers.get("x-amzn-requestid").size(), 36u);
        return *answer;
    }

    sim::SimMachine world{3};
    Disk disk{machine::OneShot<Result<wire::Told>>(world.machine().executor)};
    wire::Operation operation = wire::held_operation<&keep>("Keep");
    std::array<const wire::Operation*, 1> operations{&operation};
    wire::HeldOperation held = wire::held<&keep>(operation);
    std::array<const wire::HeldOperation*, 1> all_held{&held};
    std::optional<Gateway> gateway;
    std::optional<Response> answer;
    Scope tasks;
};

TEST_F(HeldTest, AnAnswerIsMadeAtOnceAndGivenWhenItIsDurable) {
    ask("kept");
    EXPECT_EQ(disk.told, 1);
    EXPECT_FALSE(answer);
    EXPECT_THAT(gateway->metrics_text(), Not(HasSubstr("Keep"))) << "it is no answer yet";
    const Response& given = settle(wire::Told::came_true);
    EXPECT_EQ(given.status, 200);
    EXPECT_EQ(given.body, R"({"Text":"kept"})");
}

TEST_F(HeldTest, AnAnswerThatDoesNotBecomeTrueIsReplacedByTheError) {
    ask("lost");
    const Response& given = settle(fail("io", "secret"));
    EXPECT_EQ(given.status, 500);
    EXPECT_THAT(given.body, HasSubstr("InternalFailure"));
    EXPECT_THAT(given.body, Not(HasSubstr("lost")));
    EXPECT_THAT(gateway->metrics_text(), HasSubstr("500"));
}

TEST_F(HeldTest, AnAnswerOfWhichAPartDoesNotBecomeTrueIsMadeAgain) {
    ask("both");
    disk.reply->text = "one";
    const Response& given = settle(wire::Told::has_changed);
    EXPECT_EQ(given.status, 200);
    EXPECT_EQ(given.body, R"({"Text":"one"})");
}

TEST_F(HeldTest, ARefusalIsHeldBackByNothing) {
    ask("bad");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 400);
}

TEST_F(HeldTest, WhoCallsTheOperationItselfWaitsToo) {
    gateway->set_held({});
    ask("kept");
    EXPECT_FALSE(answer);
    EXPECT_EQ(settle(wire::Told::came_true).body, R"({"Text":"kept"})");
}

}  // namespace
}  // namespace mill::gateway
