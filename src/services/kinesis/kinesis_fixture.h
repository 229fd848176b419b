// SPDX-License-Identifier: Apache-2.0
// For tests: Kinesis on the simulated machine over the memory engine, spoken to as the gateway
// does, in JSON.
#pragma once

#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "services/kinesis/kinesis.h"
#include "sim/machine/sim_machine.h"

namespace mill::kinesis {

class KinesisTest : public testing::Test {
  protected:
    KinesisTest() { reopen(); }

    // As after a restart of the server: only what the engine keeps is still there.
    void reopen() {
        kinesis_.reset();
        auto opened = Kinesis::open(sim_.machine(), engine_, options_);
        ASSERT_TRUE(opened) << opened.error().message;
        kinesis_ = *std::move(opened);
    }

    Task<Result<wire::Output>> start(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name == name)
                return spoken(*kinesis_, operation, caller_, reader_, std::string(json),
                              options_.aws_limits);
        }
        ADD_FAILURE() << "no operation " << name;
        std::abort();
    }
    // As the gateway has it: the reader's document is another one after the first suspension.
    static Task<Result<wire::Output>> spoken(Kinesis& kinesis, const wire::Operation* operation,
                                             Caller caller, wire::JsonReader& reader,
                                             std::string json, bool is_limited) {
        const auto parsed = reader.parse(json);
        EXPECT_TRUE(parsed) << json;
        wire::Input input(reader);
        if (is_limited) MILL_CO_CHECK(kinesis.admit(*operation, caller, input));
        co_return co_await operation->invoke(&kinesis, std::move(caller), std::move(input));
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

    void create(const std::string& name, int shards = 1) {
        ok("CreateStream",
           R"({"StreamName":")" + name + R"(","ShardCount":)" + std::to_string(shards) + "}");
    }
    wire::Value put(const std::string& key, const std::string& data,
                    const std::string& stream = "orders") {
        return ok("PutRecord", R"({"StreamName":")" + stream + R"(","PartitionKey":")" + key +
                                   R"(","Data":")" + base64_encode(data) + R"("})");
    }
    std::string iterator(const std::string& type, const std::string& more = "",
                         const std::string& shard = "0") {
        return wire::text_of(ok("GetShardIterator",
                                R"({"StreamName":"orders","ShardId":"shardId-00000000000)" + shard +
                                    R"(","ShardIteratorType":")" + type + "\"" + more + "}"),
                             "ShardIterator");
    }
    wire::Value get(const std::string& shard_iterator, const std::string& more = "") {
        return ok("GetRecords", R"({"ShardIterator":")" + shard_iterator + "\"" + more + "}");
    }
    static std::vector<std::string> data_of(const wire::Value& records) {
        std::vector<std::string> data;
        for (const wire::Value& record : *records.find("Records")->items()) {
            data.push_back(*base64_decode(wire::text_of(record, "Data")));
        }
        return data;
    }
    std::vector<std::string> records(const std::string& shard = "0") {
        return data_of(get(iterator("TRIM_HORIZON", "", shard)));
    }
    std::string status(const std::string& stream = "orders") {
        const auto answer = call("DescribeStreamSummary", R"({"StreamName":")" + stream + R"("})");
        return answer ? wire::text_of(*answer->find("StreamDescriptionSummary"), "StreamStatus")
                      : answer.error().code;
    }

    sim::SimMachine sim_{1};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    Options options_;
    Caller caller_;
    wire::JsonReader reader_;
    std::unique_ptr<Kinesis> kinesis_;
};

}  // namespace mill::kinesis
