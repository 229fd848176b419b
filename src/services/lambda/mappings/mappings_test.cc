// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/mappings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "engines/memory/memory.h"
#include "services/lambda/mappings/kinesis_event.h"
#include "sim/machine/sim_machine.h"
#include "wire/value.h"

namespace mill::lambda {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

const std::string stream_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const std::string shard = "shardId-000000000000";

// One shard, in memory.
class FakeSource final : public ports::RecordSource {
  public:
    explicit FakeSource(Machine& machine) : machine_(machine), changed_(machine.executor) {}
    void put(const std::string& data) {
        records_.push_back({.position = records_.size(),
                            .sequence_number = std::to_string(1000 + records_.size()),
                            .partition_key = "key",
                            .data = data_.emplace_back(data),
                            .arrival = machine_.clock.wall()});
        changed_.notify_all();
    }
    void remove_stream() {
        exists_ = false;
        changed_.notify_all();
    }
    std::uint64_t reads() const { return reads_; }

    Result<std::vector<ports::SourceShard>> shards(const std::string&) override {
        if (!exists_) return gone();
        return std::vector<ports::SourceShard>{{.shard_id = shard}};
    }
    Result<ports::Position> trim_horizon(const std::string&, const std::string&) override {
        return horizon_;
    }
    Result<ports::Position> latest(const std::string&, const std::string&) override {
        return records_.size();
    }
    Task<Result<ports::Position>> at_time(std::string, std::string, WallTime time) override {
        const auto found = std::ranges::find_if(
            records_, [&](const auto& record) { return record.arrival >= time; });
        co_return static_cast<ports::Position>(found - records_.begin());
    }
    Task<Result<ports::SourceRun>> read_after(std::string, std::string, ports::Position from,
                                              std::uint32_t records_max, std::uint64_t) override {
        if (!exists_) co_return gone();
        ++reads_;
        ports::SourceRun run{.next = from};
        while (run.next < records_.size() && run.records.size() < records_max) {
            run.records.push_back(records_[run.next++]);
        }
        co_return run;
    }
    Task<void> wait_beyond(std::string, std::string, ports::Position from,
                           Instant deadline) override {
        while (exists_ && records_.size() <= from) {
            if (!co_await changed_.wait_until(machine_.timers, deadline)) co_return;
        }
    }

  private:
    static Failure gone() {
        return fail("ResourceNotFoundException", "Stream orders under account 0 not found.", 400);
    }
    Machine& machine_;
    machine::Signal changed_;
    std::vector<ports::SourceRecord> records_;
    std::deque<std::string> data_;
    ports::Position horizon_ = 0;
    bool exists_ = true;
    std::uint64_t reads_ = 0;
};

// Remembers the data of every batch it gets; answers as told.
class FakeInvoker final : public ports::Invoker {
  public:
    explicit FakeInvoker(Machine& machine) : machine_(machine) {}
    Task<Result<ports::InvokeOutcome>> invoke(ports::InvokeRequest request) override {
        auto event = wire::parse_json(request.payload);
        std::vector<std::string> data;
        for (const wire::Value& record : *event->find("Records")->items()) {
            data.push_back(*base64_decode(wire::text_of(*record.find("kinesis"), "data")));
        }
        const std::string last = data.back();
        batches.push_back(std::move(data));
        ports::InvokeOutcome outcome{.payload = answer};
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + takes);
        if (throttles > 0) {
            --throttles;
            co_return fail("TooManyRequestsException", "Rate Exceeded.", 429);
        }
        if (failures > 0 || poison == last) {
            failures = std::max(0, failures - 1);
            outcome.function_error = "Unhandled";
        }
        co_return outcome;
    }
    std::vector<std::vector<std::string>> batches;
    int failures = 0;
    int throttles = 0;
    std::string poison;  // a batch that ends with this always fails
    std::string answer = "null";
    Duration takes = milliseconds(1);

  private:
    Machine& machine_;
};

class MappingsTest : public ::testing::Test {
  protected:
    MappingsTest() { open(); }
    ~MappingsTest() override {
        sim_.kill_software();
        mappings_.reset();
    }
    void open() {
        mappings_ = *Mappings::open(
            sim_.machine(), *engine_.table, source_, invoker_,
            [](const Caller&, const std::string& name) -> Result<FunctionTarget> {
                if (name == "missing") return fail("ResourceNotFoundException", "", 404);
                return FunctionTarget{.arn = "arn:function:" + name, .role = "arn:role"};
            });
        mappings_->start();
    }
    void crash() {
        sim_.kill_software();
        mappings_.reset();
        open();
    }
    Mappings::Create request(std::int64_t batch_size = 10) {
        return {.function = "consumer",
                .source_arn = stream_arn,
                .starting_position = "TRIM_HORIZON",
                .settings = {.batch_size = batch_size}};
    }
    std::string create(Mappings::Create with) {
        auto made = sim_.await(mappings_->create({}, std::move(with)));
        EXPECT_TRUE(made.has_value()) << made.error().message;
        return made->uuid;
    }
    void put(std::initializer_list<const char*> data) {
        for (const char* text : data) source_.put(text);
    }
    void run_until_batches(std::size_t count) {
        ASSERT_TRUE(sim_.run_until([&] { return invoker_.batches.size() >= count; }));
    }

    sim::SimMachine sim_{1};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    FakeSource source_{sim_.machine()};
    FakeInvoker invoker_{sim_.machine()};
    std::unique_ptr<Mappings> mappings_;
};

TEST_F(MappingsTest, DeliversBatchesOfAtMostBatchSizeInOrder) {
    put({"a", "b", "c", "d", "e"});
    create(request(2));
    run_until_batches(3);
    EXPECT_THAT(invoker_.batches,
                ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d"), ElementsAre("e")));
}

TEST_F(MappingsTest, LatestStartsAtTheAnswerOfCreate) {
    put({"before"});
    auto with = request();
    with.starting_position = "LATEST";
    create(std::move(with));
    put({"after"});
    run_until_batches(1);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("after")));
}

TEST_F(MappingsTest, AtTimestampStartsAtThatTime) {
    put({"old"});
    sim_.run_for(seconds(10));
    auto with = request();
    with.starting_position = "AT_TIMESTAMP";
    with.starting_time = sim_.machine().clock.wall() - seconds(5);
    put({"young"});
    create(std::move(with));
    run_until_batches(1);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("young")));
}

TEST_F(MappingsTest, AWindowGathersWhatComesWithinIt) {
    auto with = request();
    with.settings.window_seconds = 5;
    create(std::move(with));
    sim_.run_for(seconds(1));
    put({"a"});
    sim_.run_for(seconds(2));
    put({"b"});
    sim_.run_for(seconds(2));
    EXPECT_TRUE(invoker_.batches.empty());
    sim_.run_for(seconds(2));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a", "b")));
}

TEST_F(MappingsTest, AFailedBatchIsRetriedAndBlocksTheShard) {
    invoker_.failures = 2;
    put({"a"});
    create(request(1));
    put({"b"});
    run_until_batches(4);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a"), ElementsAre("a"), ElementsAre("a"),
                                              ElementsAre("b")));
}

TEST_F(MappingsTest, ExhaustedRetriesSkipTheBatch) {
    invoker_.poison = "bad";
    auto with = request(1);
    with.settings.retry_attempts_max = 1;
    put({"bad", "good"});
    create(std::move(with));
    run_until_batches(3);
    EXPECT_THAT(invoker_.batches,
                ElementsAre(ElementsAre("bad"), ElementsAre("bad"), ElementsAre("good")));
}

TEST_F(MappingsTest, ThrottlesConsumeNoRetry) {
    invoker_.throttles = 5;
    auto with = request();
    with.settings.retry_attempts_max = 0;
    put({"a"});
    create(std::move(with));
    run_until_batches(6);
    sim_.run_for(seconds(1));
    EXPECT_EQ(invoker_.batches.size(), 6u);
}

TEST_F(MappingsTest, BisectingIsolatesThePoisonedRecord) {
    invoker_.poison = "bad";
    auto with = request();
    with.settings.bisect_on_error = true;
    with.settings.retry_attempts_max = 0;
    put({"a", "bad"});
    create(std::move(with));
    run_until_batches(3);
    put({"c"});
    run_until_batches(4);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a", "bad"), ElementsAre("a"),
                                              ElementsAre("bad"), ElementsAre("c")));
}

TEST_F(MappingsTest, ReportedItemFailuresKeepWhatCameBefore) {
    invoker_.answer = R"({"batchItemFailures":[{"itemIdentifier":"1001"}]})";
    auto with = request();
    with.settings.response_types = {"ReportBatchItemFailures"};
    put({"a", "b", "c"});
    create(std::move(with));
    run_until_batches(1);
    invoker_.answer = "";
    run_until_batches(2);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a", "b", "c"), ElementsAre("b", "c")));
}

TEST_F(MappingsTest, OverAgeRecordsAreDroppedAndTheRestGoesOn) {
    auto with = request();
    with.settings.record_age_seconds_max = 60;
    put({"old"});
    sim_.run_for(seconds(90));
    put({"young"});
    create(std::move(with));
    run_until_batches(1);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("young")));
}

TEST_F(MappingsTest, ARestartGoesOnFromTheCheckpoint) {
    put({"a"});
    create(request());
    run_until_batches(1);
    sim_.run_for(seconds(1));
    crash();
    put({"b"});
    run_until_batches(2);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a"), ElementsAre("b")));
}

TEST_F(MappingsTest, ACrashDuringADeliveryRepeatsIt) {
    invoker_.takes = seconds(1);
    put({"a"});
    create(request());
    run_until_batches(1);
    crash();
    run_until_batches(2);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a"), ElementsAre("a")));
}

TEST_F(MappingsTest, AQuietShardIsNotPolled) {
    create(request());
    sim_.run_for(seconds(1));
    const std::uint64_t reads = source_.reads();
    sim_.run_for(seconds(600));
    EXPECT_EQ(source_.reads(), reads);
}

TEST_F(MappingsTest, DisablingLetsTheDeliveryFinishAndEnablingGoesOn) {
    invoker_.takes = seconds(1);
    put({"a"});
    const std::string uuid = create(request(1));
    run_until_batches(1);
    auto disabling = sim_.await(mappings_->update({}, uuid, {.enabled = false}));
    EXPECT_EQ(disabling->state, "Disabling");
    EXPECT_EQ(sim_.await(mappings_->update({}, uuid, {.enabled = true})).error().code,
              "ResourceInUseException");
    ASSERT_TRUE(sim_.run_task(mappings_->settled(uuid)));
    EXPECT_EQ(mappings_->get({}, uuid)->state, "Disabled");
    put({"b"});
    sim_.run_for(seconds(60));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a")));
    ASSERT_TRUE(sim_.await(mappings_->update({}, uuid, {.enabled = true})));
    run_until_batches(2);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("b"));
}

TEST_F(MappingsTest, DeletingRemovesTheMappingAndItsCheckpoints) {
    put({"a"});
    const std::string uuid = create(request());
    run_until_batches(1);
    sim_.run_for(seconds(1));
    EXPECT_EQ(sim_.await(mappings_->remove({}, uuid))->state, "Deleting");
    ASSERT_TRUE(sim_.run_task(mappings_->settled(uuid)));
    EXPECT_EQ(mappings_->get({}, uuid).error().code, "ResourceNotFoundException");
    EXPECT_TRUE(engine_.table->scan("lambda/")->empty());
}

TEST_F(MappingsTest, TheSameStreamAndFunctionAreMappedOnce) {
    const std::string uuid = create(request());
    const auto again = sim_.await(mappings_->create({}, request()));
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, "ResourceConflictException");
    EXPECT_EQ(again.error().message, "The event source arn (\" " + stream_arn +
                                         " \") and function (\" consumer \") provided "
                                         "mapping already exists. Please update or "
                                         "delete the existing mapping with UUID " +
                                         uuid);
}

TEST_F(MappingsTest, WhatDoesNotExistIsRefused) {
    auto no_function = request();
    no_function.function = "missing";
    EXPECT_EQ(sim_.await(mappings_->create({}, no_function)).error().message,
              "Function does not exist");
    auto no_source = request();
    no_source.source_arn = "arn:aws:sqs:us-east-1:000000000000:queue";
    EXPECT_EQ(sim_.await(mappings_->create({}, no_source)).error().message,
              "Unrecognized event source.");
    source_.remove_stream();
    EXPECT_EQ(sim_.await(mappings_->create({}, request())).error().message,
              "Stream not found: " + stream_arn);
}

TEST_F(MappingsTest, ADeletedStreamIsReportedAsAProblem) {
    const std::string uuid = create(request());
    sim_.run_for(seconds(1));
    source_.remove_stream();
    sim_.run_for(seconds(1));
    EXPECT_THAT(mappings_->get({}, uuid)->last_processing_result,
                ::testing::StartsWith("PROBLEM: "));
}

TEST(KinesisEvent, IsRenderedAsAwsRendersIt) {
    const RenderedRecord record =
        RecordRenderer({.stream_arn = stream_arn,
                        .shard_id = shard,
                        .role_arn = "arn:role",
                        .region = "us-east-1"})
            .render({.position = 3,
                     .sequence_number = "49590338271490256608559692538361571095921575989136588898",
                     .partition_key = "k\"1",
                     .data = "Hello",
                     .arrival = from_epoch_ms(1545084650987)});
    EXPECT_EQ(
        render_event(std::span(&record, 1)),
        R"({"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"k\"1","sequenceNumber":)"
        R"("49590338271490256608559692538361571095921575989136588898","data":"SGVsbG8=",)"
        R"("approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0",)"
        R"("eventID":"shardId-000000000000:49590338271490256608559692538361571095921575989136588898",)"
        R"("eventName":"aws:kinesis:record","invokeIdentityArn":"arn:role","awsRegion":"us-east-1",)"
        R"("eventSourceARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders"}]})");
}

TEST(ItemFailures, FollowTheTableOfTheDeveloperGuide) {
    const std::vector<RenderedRecord> records = {
        {.sequence_number = "10"}, {.sequence_number = "11"}, {.sequence_number = "12"}};
    const auto succeeds = [&](const char* answer) {
        return std::holds_alternative<model::Succeeded>(read_item_failures(answer, records));
    };
    const auto fails_from = [&](const char* answer) -> int {
        const auto outcome = read_item_failures(answer, records);
        const auto* from = std::get_if<model::FailedFrom>(&outcome);
        return from ? static_cast<int>(from->index) : -1;
    };
    for (const char* answer : {"null", "\"\"", "[]", "{}", "", R"({"batchItemFailures":[]})",
                               R"({"batchItemFailures":null})", R"({"x":1})"}) {
        EXPECT_TRUE(succeeds(answer)) << answer;
    }
    EXPECT_EQ(
        fails_from(R"({"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":"11"}]})"),
        1);
    for (const char* answer : {R"({"batchItemFailures":[{"itemIdentifier":""}]})",
                               R"({"batchItemFailures":[{"itemIdentifier":null}]})",
                               R"({"batchItemFailures":[{"foo":123}]})",
                               R"({"batchItemFailures":[{"itemIdentifier":"99"}]})", "not json"}) {
        EXPECT_EQ(fails_from(answer), 0) << answer;
    }
}

}  // namespace
}  // namespace mill::lambda
