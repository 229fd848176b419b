// SPDX-License-Identifier: Apache-2.0
// For tests: SQS on the simulated machine over the memory engine, spoken to as the gateway does, in
// JSON.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "services/sqs/sqs.h"
#include "sim/machine/sim_machine.h"

namespace mill::sqs {

class SqsTest : public testing::Test {
  protected:
    SqsTest() {
        caller_.host = "localhost:4566";
        reopen();
    }

    // As after a restart of the server: only what the engine keeps is still there.
    void reopen() {
        sqs_.reset();
        auto opened = Sqs::open(sim_.machine(), engine_, options_);
        ASSERT_TRUE(opened) << opened.error().message;
        sqs_ = *std::move(opened);
        sqs_->start();
    }
    Task<Result<wire::Output>> start(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name == name)
                return operation->invoke(sqs_.get(), caller_, *wire::parse_json(json));
        }
        ADD_FAILURE() << "no operation " << name;
        std::abort();
    }
    static Result<wire::Value> decoded(const Result<wire::Output>& output) {
        if (!output) return std::unexpected(output.error());
        std::string text;
        wire::encode(*output->structure, output->object.get(), *wire::json_writer(text));
        return wire::parse_json(text);
    }
    Result<wire::Value> call(std::string_view name, std::string_view json) {
        return decoded(sim_.await(start(name, json)));
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

    // The members that follow the queue's URL: R"(,"MessageBody":"x")".
    static std::string of(const std::string& queue, const std::string& more = "") {
        return R"({"QueueUrl":"http://localhost:4566/000000000000/)" + queue + "\"" + more + "}";
    }
    static std::string arn(const std::string& queue) {
        return "arn:aws:sqs:us-east-1:000000000000:" + queue;
    }
    void create(const std::string& queue, const std::string& attributes = "") {
        const std::string fifo = queue.ends_with(".fifo") ? R"("FifoQueue":"true")" : "";
        const std::string comma = fifo.empty() || attributes.empty() ? "" : ",";
        ok("CreateQueue", fmt::format(R"({{"QueueName":"{}","Attributes":{{{}{}{}}}}})", queue,
                                      fifo, comma, attributes));
    }
    wire::Value send(const std::string& queue, const std::string& body,
                     const std::string& more = "") {
        return ok("SendMessage", of(queue, R"(,"MessageBody":")" + body + "\"" + more));
    }
    // To a FIFO queue.
    wire::Value send_to(const std::string& group, const std::string& body,
                        const std::string& id = "") {
        return send("q.fifo", body,
                    fmt::format(R"(,"MessageGroupId":"{}","MessageDeduplicationId":"{}")", group,
                                id.empty() ? body : id));
    }
    wire::Value::List receive(const std::string& queue, const std::string& more = "") {
        const auto answer = ok("ReceiveMessage", of(queue, R"(,"MaxNumberOfMessages":10)" + more));
        const wire::Value* messages = answer.find("Messages");
        return messages ? *messages->items() : wire::Value::List();
    }
    static std::vector<std::string> bodies(const wire::Value::List& messages) {
        std::vector<std::string> found;
        for (const auto& message : messages) found.push_back(wire::text_of(message, "Body"));
        return found;
    }
    std::vector<std::string> received(const std::string& queue, const std::string& more = "") {
        return bodies(receive(queue, more));
    }
    static std::string handle(const wire::Value& message) {
        return wire::text_of(message, "ReceiptHandle");
    }
    static std::string with_handle(const std::string& text) {
        return R"(,"ReceiptHandle":")" + text + "\"";
    }
    void erase(const std::string& queue, const wire::Value& message) {
        ok("DeleteMessage", of(queue, with_handle(handle(message))));
    }
    std::string attribute(const std::string& queue, const std::string& name) {
        const auto answer =
            ok("GetQueueAttributes", of(queue, R"(,"AttributeNames":[")" + name + "\"]"));
        const wire::Value* attributes = answer.find("Attributes");
        return attributes ? wire::text_of(*attributes, name) : "";
    }
    static std::string system_attribute(const wire::Value& message, const std::string& name) {
        const wire::Value* attributes = message.find("Attributes");
        return attributes ? wire::text_of(*attributes, name) : "";
    }
    void pass(std::chrono::milliseconds time) { sim_.run_for(time); }

    sim::SimMachine sim_{1};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    Options options_;
    Caller caller_;
    std::unique_ptr<Sqs> sqs_;
};

}  // namespace mill::sqs
