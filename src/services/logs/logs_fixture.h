// SPDX-License-Identifier: Apache-2.0
// For tests: Logs on the simulated machine over the memory engine, spoken to as the gateway does,
// in JSON.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "services/logs/logs.h"
#include "sim/machine/sim_machine.h"

namespace mill::logs {

class LogsTest : public testing::Test {
  protected:
    LogsTest() { reopen(); }

    // As after a restart of the server: only what the engine keeps is still there.
    void reopen() {
        logs_.reset();
        auto opened = Logs::open(sim_.machine(), engine_);
        ASSERT_TRUE(opened) << opened.error().message;
        logs_ = *std::move(opened);
    }
    Task<Result<wire::Output>> start(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name == name)
                return operation->invoke(logs_.get(), caller_, *wire::parse_json(json));
        }
        ADD_FAILURE() << "no operation " << name;
        std::abort();
    }
    Result<wire::Value> call(std::string_view name, std::string_view json) {
        const auto output = sim_.await(start(name, json));
        if (!output) return std::unexpected(output.error());
        std::string text;
        wire::encode(*output->structure, output->object.get(), *wire::json_writer(text));
        return wire::parse_json(text);
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

    std::int64_t now_ms() { return epoch_ms(sim_.machine().clock.wall()); }
    void create(const std::string& group = "g", const std::string& stream = "s") {
        ok("CreateLogGroup", fmt::format(R"({{"logGroupName":"{}"}})", group));
        ok("CreateLogStream",
           fmt::format(R"({{"logGroupName":"{}","logStreamName":"{}"}})", group, stream));
    }
    static std::string event(std::int64_t timestamp, const std::string& message) {
        return fmt::format(R"({{"timestamp":{},"message":"{}"}})", timestamp, message);
    }
    wire::Value put(const std::string& events, const std::string& stream = "s") {
        return ok("PutLogEvents",
                  fmt::format(R"({{"logGroupName":"g","logStreamName":"{}","logEvents":[{}]}})",
                              stream, events));
    }
    wire::Value get(const std::string& more = "") {
        return ok("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s")" + more + "}");
    }
    wire::Value filter(const std::string& more = "") {
        return ok("FilterLogEvents", R"({"logGroupName":"g")" + more + "}");
    }
    // What a function prints.
    void print(const std::string& message, const std::string& stream = "s") {
        logs_->append(caller_.account, caller_.region, "g", stream,
                      {{sim_.machine().clock.wall(), message}});
    }
    static std::vector<std::string> texts(const wire::Value& answer,
                                          std::string_view list = "events",
                                          std::string_view member = "message") {
        std::vector<std::string> found;
        for (const auto& item : *answer.find(list)->items())
            found.push_back(wire::text_of(item, member));
        return found;
    }

    sim::SimMachine sim_{1};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    Caller caller_;
    std::unique_ptr<Logs> logs_;
};

}  // namespace mill::logs
