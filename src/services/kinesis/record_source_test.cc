// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct RecordSourceTest : KinesisTest {
    const std::string arn_ = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
    const std::string shard_ = "shardId-000000000000";

    ports::RecordSource& source() { return *kinesis_; }
    ports::SourceRun read(ports::Position from, std::uint32_t records = 100) {
        return *sim_.await(source().read_after(arn_, shard_, from, records, 1 << 20));
    }
    Task<void> wait(ports::Position from, Instant deadline, bool* done) {
        co_await source().wait_beyond(arn_, shard_, from, deadline);
        *done = true;
    }
    Instant in(Duration duration) { return sim_.machine().clock.now() + duration; }
};

TEST_F(RecordSourceTest, ReadsOnWhereTheLastRunEnded) {
    create("orders");
    for (const auto* data : {"one", "two", "three"}) put("k", data);
    const auto first = read(*source().trim_horizon(arn_, shard_), 2);
    ASSERT_EQ(first.records.size(), 2U);
    EXPECT_EQ(first.records[1].data, "two");
    EXPECT_EQ(first.records[1].partition_key, "k");
    EXPECT_EQ(first.records[1].position, 1U);
    const auto rest = read(first.next);
    ASSERT_EQ(rest.records.size(), 1U);
    EXPECT_EQ(rest.records[0].data, "three");
    EXPECT_EQ(rest.next, *source().latest(arn_, shard_));
    EXPECT_THAT(read(rest.next).records, IsEmpty());
}

TEST_F(RecordSourceTest, AConsumerIsASourceWhileItIsRegistered) {
    create("orders");
    EXPECT_TRUE(source().check_source(arn_));
    EXPECT_FALSE(source().check_source(arn_ + "-none"));
    const auto made =
        ok("RegisterStreamConsumer", R"({"StreamARN":")" + arn_ + R"(","ConsumerName":"bill"})");
    const std::string consumer = wire::text_of(*made.find("Consumer"), "ConsumerARN");
    EXPECT_TRUE(source().check_source(consumer));
    ok("DeregisterStreamConsumer", R"({"ConsumerARN":")" + consumer + R"("})");
    EXPECT_EQ(source().check_source(consumer).error().code, "ResourceNotFoundException");
}

TEST_F(RecordSourceTest, TellsAStreamFromALaterOneOfItsName) {
    create("orders");
    const std::string first = *source().incarnation(arn_);
    reopen();
    EXPECT_EQ(*source().incarnation(arn_), first);
    ok("DeleteStream", R"({"StreamName":"orders"})");
    EXPECT_EQ(source().incarnation(arn_).error().code, "ResourceNotFoundException");
    create("orders");
    EXPECT_NE(*source().incarnation(arn_), first);
}

TEST_F(RecordSourceTest, FindsATimeAndListsShards) {
    create("orders", 2);
    EXPECT_EQ(source().shards(arn_)->size(), 2U);
    ok("PutRecord",
       R"({"StreamName":"orders","PartitionKey":"k","ExplicitHashKey":"0","Data":""})");
    sim_.run_for(std::chrono::seconds(10));
    const auto time = kinesis_->now();
    EXPECT_EQ(*sim_.await(source().at_time(arn_, shard_, time)), 1U);
    EXPECT_EQ(*sim_.await(source().at_time(arn_, shard_, from_epoch_ms(0))), 0U);
}

TEST_F(RecordSourceTest, AnAppendWakesAReader) {
    create("orders");
    bool is_done = false;
    Scope scope;
    const Instant begun = sim_.machine().clock.now();
    scope.spawn(wait(0, in(std::chrono::hours(1)), &is_done));
    sim_.run_for(std::chrono::seconds(1));
    EXPECT_FALSE(is_done);
    put("k", "one");
    EXPECT_TRUE(sim_.run_until([&] { return is_done; }));
    EXPECT_LT(sim_.machine().clock.now() - begun, std::chrono::hours(1));
    is_done = false;
    scope.spawn(wait(0, in(std::chrono::hours(1)), &is_done));
    EXPECT_TRUE(is_done) << "there is a record: no wait";
}

TEST_F(RecordSourceTest, TheDeadlineAndTheStreamsEndWakeAReader) {
    create("orders");
    bool is_done = false;
    Scope scope;
    scope.spawn(wait(0, in(std::chrono::seconds(5)), &is_done));
    sim_.run_for(std::chrono::seconds(6));
    EXPECT_TRUE(is_done);
    is_done = false;
    scope.spawn(wait(0, in(std::chrono::hours(1)), &is_done));
    ok("DeleteStream", R"({"StreamName":"orders"})");
    const Instant deleted = sim_.machine().clock.now();
    EXPECT_TRUE(sim_.run_until([&] { return is_done; }));
    EXPECT_LT(sim_.machine().clock.now() - deleted, std::chrono::minutes(1));
    EXPECT_EQ(sim_.await(source().read_after(arn_, shard_, 0, 1, 1)).error().message,
              "Stream orders under account 000000000000 not found.");
    EXPECT_FALSE(source().shards("arn:aws:s3:::bucket"));
}

}  // namespace
}  // namespace mill::kinesis
