// SPDX-License-Identifier: Apache-2.0
// For tests: SNS on the simulated machine over the memory engine, with queues and functions that
// keep what they are told. Spoken to in JSON, which decodes as Query does.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "services/sns/sns.h"
#include "sim/machine/sim_machine.h"

namespace mill::sns {

struct FakeQueues final : ports::MessageQueue {
    Task<Result<void>> send(std::string queue_arn, ports::QueueMessage message) override {
        if (failing.contains(queue_arn)) co_return std::unexpected(failing.at(queue_arn));
        sent[queue_arn].push_back(std::move(message));
        co_return Result<void>();
    }
    std::vector<std::string> bodies(const std::string& queue_arn) const {
        std::vector<std::string> found;
        const auto at = sent.find(queue_arn);
        if (at == sent.end()) return found;
        for (const auto& message : at->second) found.push_back(message.body);
        return found;
    }
    std::map<std::string, std::vector<ports::QueueMessage>> sent;
    std::map<std::string, Error> failing;
};

struct FakeFunctions final : ports::EventInvoker {
    Task<Result<void>> accept_event(ports::InvokeRequest request) override {
        events.push_back(std::move(request));
        co_return Result<void>();
    }
    std::vector<ports::InvokeRequest> events;
};

class SnsTest : public testing::Test {
  protected:
    SnsTest() { reopen(); }

    // As after a restart of the server: only what the engine keeps is still there.
    void reopen() {
        sns_.reset();
        auto opened = Sns::open(sim_.machine(), engine_, queues_, functions_);
        ASSERT_TRUE(opened) << opened.error().message;
        sns_ = *std::move(opened);
        sns_->start();
    }
    Result<wire::Value> call(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name != name) continue;
            const auto output =
                sim_.await(operation->invoke(sns_.get(), caller_, *wire::parse_json(json)));
            if (!output) return std::unexpected(output.error());
            std::string text;
            wire::encode(*output->structure, output->object.get(), *wire::json_writer(text));
            return wire::parse_json(text);
        }
        ADD_FAILURE() << "no operation " << name;
        std::abort();
    }
    // The answer of a call that must succeed.
    wire::Value ok(std::string_view name, std::string_view json) {
        auto answer = call(name, json);
        EXPECT_TRUE(answer) << name << " " << json << ": " << answer.error().code << ": "
                            << answer.error().message;
        return answer ? *answer : wire::Value();
    }
    // "code: message" of a call that must fail.
    std::string error(std::string_view name, std::string_view json) {
        const auto answer = call(name, json);
        return answer ? "no error" : answer.error().code + ": " + answer.error().message;
    }

    static std::string topic(const std::string& name) {
        return "arn:aws:sns:us-east-1:000000000000:" + name;
    }
    static std::string queue(const std::string& name) {
        return "arn:aws:sqs:us-east-1:000000000000:" + name;
    }
    static std::string of(const std::string& name, const std::string& more = "") {
        return R"({"TopicArn":")" + topic(name) + "\"" + more + "}";
    }
    void create(const std::string& name, const std::string& attributes = "") {
        ok("CreateTopic", fmt::format(R"({{"Name":"{}","Attributes":{{{}}}}})", name, attributes));
    }
    std::string subscribe(const std::string& name, const std::string& endpoint,
                          const std::string& attributes = "", const std::string& protocol = "sqs") {
        return wire::text_of(
            ok("Subscribe",
               of(name, fmt::format(R"(,"Protocol":"{}","Endpoint":"{}","Attributes":{{{}}},)"
                                    R"("ReturnSubscriptionArn":true)",
                                    protocol, endpoint, attributes))),
            "SubscriptionArn");
    }
    wire::Value publish(const std::string& name, const std::string& message,
                        const std::string& more = "") {
        return ok("Publish", of(name, R"(,"Message":")" + message + "\"" + more));
    }

    sim::SimMachine sim_{1};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    Caller caller_;
    FakeQueues queues_;
    FakeFunctions functions_;
    std::unique_ptr<Sns> sns_;
};

}  // namespace mill::sns
