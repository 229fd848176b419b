// SPDX-License-Identifier: Apache-2.0
// What --limits aws refuses: throughput of shards, call rates, quotas; in simulated time.
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view shard_exceeded =
    "ProvisionedThroughputExceededException: Rate exceeded for shard shardId-000000000000 in "
    "stream orders under account 000000000000.";

struct ThrottleTest : KinesisTest {
    ThrottleTest() {
        options_.aws_limits = true;
        reopen();
    }

    static std::string put_input(std::size_t bytes) {
        return R"({"StreamName":"orders","PartitionKey":"k","Data":")" +
               base64_encode(std::string(bytes - 1, 'x')) + "\"}";
    }
    static std::string batch_input(std::size_t records, std::size_t bytes) {
        const std::string record =
            R"({"PartitionKey":"k","Data":")" + base64_encode(std::string(bytes - 1, 'x')) + "\"}";
        std::string list = record;
        for (std::size_t i = 1; i < records; ++i) list += "," + record;
        return R"({"StreamName":"orders","Records":[)" + list + "]}";
    }
    // How many records of as many batches as can be tried in `span` are stored.
    std::int64_t stored_in(Duration span, const std::string& batch, std::int64_t records) {
        std::int64_t stored = 0;
        const Instant end = sim_.machine().clock.now() + span;
        while (sim_.machine().clock.now() < end) {
            stored += records - *ok("PutRecords", batch).find("FailedRecordCount")->integer();
            sim_.run_for(milliseconds(10));
        }
        return stored;
    }
    std::string on_demand() const { return R"({"StreamName":"orders"})"; }
};

TEST_F(ThrottleTest, AShardTakesAThousandRecordsASecond) {
    create("orders");
    const std::string batch = batch_input(100, 10);
    stored_in(seconds(1), batch, 100);  // what was saved up
    EXPECT_NEAR(static_cast<double>(stored_in(seconds(10), batch, 100)), 10'000, 30);
}

TEST_F(ThrottleTest, AShardTakesAMebibyteASecond) {
    create("orders");
    const std::string batch = batch_input(10, 16 * 1024);
    stored_in(seconds(1), batch, 10);
    EXPECT_NEAR(static_cast<double>(stored_in(seconds(10), batch, 10)), 640, 2);
}

TEST_F(ThrottleTest, OneRecordTooManyIsRefusedAndStoredASecondLater) {
    create("orders");
    ok("PutRecord", put_input(1 << 20));
    EXPECT_EQ(error("PutRecord", put_input(1 << 20)), shard_exceeded);
    sim_.run_for(seconds(1));
    ok("PutRecord", put_input(1 << 20));
    EXPECT_EQ(records().size(), 2U);
}

TEST_F(ThrottleTest, OfABatchTheRecordsOfTheFullShardAloneAreRefused) {
    create("orders", 2);
    const auto last = R"("ExplicitHashKey":"340282366920938463463374607431768211455")";
    std::string list;
    for (int i = 0; i < 5; ++i) {
        const std::string data = base64_encode(std::string(300 * 1024, 'x'));
        list += R"({"PartitionKey":"k","ExplicitHashKey":"0","Data":")" + data + "\"},";
    }
    list += R"({"PartitionKey":"k",)" + std::string(last) + R"(,"Data":"MQ=="})";
    const auto answer = ok("PutRecords", R"({"StreamName":"orders","Records":[)" + list + "]}");
    EXPECT_EQ(*answer.find("FailedRecordCount")->integer(), 2);
    const auto& results = *answer.find("Records")->items();
    ASSERT_EQ(results.size(), 6U);
    for (const std::size_t i : {0U, 1U, 2U, 5U})
        EXPECT_NE(results[i].find("SequenceNumber"), nullptr) << i;
    for (const std::size_t i : {3U, 4U}) {
        EXPECT_EQ(wire::write_json(results[i]),
                  R"({"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate )"
                  R"(exceeded for shard shardId-000000000000 in stream orders under account )"
                  R"(000000000000."})");
    }
    EXPECT_EQ(records("0").size(), 3U);
    EXPECT_EQ(records("1").size(), 1U);
}

TEST_F(ThrottleTest, ABatchOfWhichNothingIsTakenIsAnsweredRecordByRecord) {
    create("orders");
    ok("PutRecord", put_input(1 << 20));
    const auto answer = ok("PutRecords", batch_input(3, 10));
    EXPECT_EQ(*answer.find("FailedRecordCount")->integer(), 3);
    EXPECT_EQ(records().size(), 1U);
}

TEST_F(ThrottleTest, ALargeRecordTakesTenSecondsToMakeUpFor) {
    ok("CreateStream", R"({"StreamName":"orders","ShardCount":1,"MaxRecordSizeInKiB":10240})");
    ok("PutRecord", put_input(10 << 20));
    EXPECT_EQ(error("PutRecord", put_input(10 << 20)), shard_exceeded);
    sim_.run_for(milliseconds(9900));
    EXPECT_EQ(error("PutRecord", put_input(10 << 20)), shard_exceeded);
    sim_.run_for(milliseconds(200));
    ok("PutRecord", put_input(10 << 20));
}

TEST_F(ThrottleTest, FiveReadsASecond) {
    create("orders");
    const std::string input = R"({"ShardIterator":")" + iterator("TRIM_HORIZON") + "\"}";
    int read = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto answer = error("GetRecords", input);
        if (answer == "no error")
            ++read;
        else
            EXPECT_EQ(answer, shard_exceeded);
        sim_.run_for(milliseconds(10));
    }
    EXPECT_NEAR(read, 50, 5);
}

TEST_F(ThrottleTest, TenMebibytesReadCloseTheShardForFiveSeconds) {
    ok("CreateStream", R"({"StreamName":"orders","ShardCount":1,"MaxRecordSizeInKiB":10240})");
    ok("PutRecord", put_input(10 << 20));
    const std::string input = R"({"ShardIterator":")" + iterator("TRIM_HORIZON") + "\"}";
    ok("GetRecords", input);
    EXPECT_EQ(error("GetRecords", input), shard_exceeded);
    sim_.run_for(milliseconds(4900));
    EXPECT_EQ(error("GetRecords", input), shard_exceeded);
    sim_.run_for(milliseconds(200));
    ok("GetRecords", input);
}

TEST_F(ThrottleTest, FiveIteratorsASecondForEachShard) {
    create("orders", 2);
    const auto ask = [&](int shard) {
        return error("GetShardIterator",
                     R"({"StreamName":"orders","ShardIteratorType":"LATEST","ShardId":")" +
                         std::to_string(shard) + "\"}");
    };
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(0), "no error");
    EXPECT_EQ(ask(0), shard_exceeded);
    EXPECT_EQ(ask(1), "no error");
    sim_.run_for(seconds(1));
    EXPECT_EQ(ask(0), "no error");
}

TEST_F(ThrottleTest, AStreamOnDemandBeginsWithFourMebibytesInFourShards) {
    ok("CreateStream", on_demand());
    const std::string batch = batch_input(4, 256 * 1024);  // one key: one shard of four
    stored_in(seconds(1), batch, 4);
    EXPECT_NEAR(static_cast<double>(stored_in(seconds(4), batch, 4)), 16, 1);
}

TEST_F(ThrottleTest, AWarmStreamOnDemandTakesWhatItWasWarmedFor) {
    ok("UpdateAccountSettings", R"({"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}})");
    ok("CreateStream", R"({"StreamName":"orders","WarmThroughputMiBps":10})");
    const std::string batch = batch_input(8, 256 * 1024);
    stored_in(seconds(1), batch, 8);
    EXPECT_NEAR(static_cast<double>(stored_in(seconds(4), batch, 8)), 40, 1);
}

TEST_F(ThrottleTest, CallsAreCountedForEachAccountAndRegion) {
    create("orders");
    const std::string input = R"({"StreamName":"orders"})";
    for (int i = 0; i < 10; ++i) ok("DescribeStream", input);
    EXPECT_EQ(error("DescribeStream", input),
              "LimitExceededException: Rate exceeded for stream orders under account "
              "000000000000.");
    ok("DescribeStreamSummary", input);
    caller_.region = "eu-west-1";
    EXPECT_THAT(error("DescribeStream", input), StartsWith("ResourceNotFoundException"));
    caller_.region = "us-east-1";
    for (int i = 0; i < 5; ++i) ok("ListStreams", "{}");
    EXPECT_EQ(error("ListStreams", "{}"),
              "LimitExceededException: Rate exceeded for account 000000000000.");
    sim_.run_for(seconds(1));
    ok("DescribeStream", input);
    ok("ListStreams", "{}");
}

TEST_F(ThrottleTest, SomeCallsAreCountedForEachStream) {
    create("orders");
    create("bills");
    const auto input = [](const std::string& stream) {
        return R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/)" + stream + "\"}";
    };
    for (int i = 0; i < 5; ++i) ok("ListStreamConsumers", input("orders"));
    EXPECT_EQ(error("ListStreamConsumers", input("orders")),
              "LimitExceededException: Rate exceeded for stream orders under account "
              "000000000000.");
    ok("ListStreamConsumers", input("bills"));
}

TEST_F(ThrottleTest, SubscriptionsAreCountedForEachConsumerAndShard) {
    create("orders");
    const auto subscribe = [this](const std::string& consumer, const std::string& shard) {
        return error("SubscribeToShard",
                     R"({"ConsumerARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders/)"
                     R"(consumer/)" +
                         consumer + R"(:1","ShardId":"shardId-00000000000)" + shard +
                         R"(","StartingPosition":{"Type":"LATEST"}})");
    };
    EXPECT_THAT(subscribe("a", "0"), StartsWith("ResourceNotFoundException"));
    EXPECT_EQ(subscribe("a", "0"),
              "LimitExceededException: Rate exceeded for stream orders under account "
              "000000000000.");
    EXPECT_THAT(subscribe("a", "1"), StartsWith("ResourceNotFoundException"));
    EXPECT_THAT(subscribe("b", "0"), StartsWith("ResourceNotFoundException"));
    sim_.run_for(seconds(1));
    EXPECT_THAT(subscribe("a", "0"), StartsWith("ResourceNotFoundException"));
}

TEST_F(ThrottleTest, ControlOperationsKeepTheirRateOverTime) {
    int described = 0;
    for (int ms = 0; ms < 10'000; ms += 10) {
        described += error("DescribeLimits", "{}") == "no error" ? 1 : 0;
        sim_.run_for(milliseconds(10));
    }
    EXPECT_NEAR(described, 10, 1);
}

TEST_F(ThrottleTest, QuotasAreThoseOfTheRegion) {
    const auto shard_limit = [&] {
        sim_.run_for(seconds(1));
        return *ok("DescribeLimits", "{}").find("ShardLimit")->integer();
    };
    EXPECT_EQ(shard_limit(), 20'000);
    caller_.region = "eu-north-1";
    EXPECT_EQ(shard_limit(), 1'000);
    EXPECT_THAT(error("CreateStream", R"({"StreamName":"orders","ShardCount":1001})"),
                HasSubstr("would exceed the shard limit for the account 000000000000 in "
                          "eu-north-1. Current shard count for the account: 0. Limit: 1000."));
    for (int i = 0; i < 50; ++i) {
        ok("CreateStream", R"({"StreamName":"s)" + std::to_string(i) + "\"}");
        sim_.run_for(milliseconds(250));
    }
    EXPECT_THAT(error("CreateStream", on_demand()),
                HasSubstr("Current On-Demand streams count: 50. Limit: 50."));
}

TEST_F(ThrottleTest, FiveStreamsAndFiveConsumersAreInTheMaking) {
    create("orders");
    options_.transition = minutes(1);
    reopen();
    const auto stream = [](int i) {
        return R"({"ShardCount":1,"StreamName":"s)" + std::to_string(i) + "\"}";
    };
    const auto consumer = [](int i) {
        return R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders",)"
               R"("ConsumerName":"c)" +
               std::to_string(i) + "\"}";
    };
    for (int i = 0; i < 5; ++i) {
        ok("CreateStream", stream(i));
        ok("RegisterStreamConsumer", consumer(i));
    }
    sim_.run_for(seconds(1));
    EXPECT_THAT(error("CreateStream", stream(5)), StartsWith("LimitExceededException: The account "
                                                             "000000000000 has 5 streams"));
    EXPECT_THAT(error("RegisterStreamConsumer", consumer(5)),
                StartsWith("LimitExceededException: The account 000000000000 has 5 consumers"));
    sim_.run_for(minutes(2));
    ok("CreateStream", stream(5));
    ok("RegisterStreamConsumer", consumer(5));
}

TEST_F(ThrottleTest, WithoutLimitsEverythingIsTaken) {
    options_.aws_limits = false;
    reopen();
    create("orders");
    for (int i = 0; i < 20; ++i) {
        ok("PutRecord", put_input(1 << 20));
        ok("DescribeStream", R"({"StreamName":"orders"})");
        ok("GetRecords", R"({"ShardIterator":")" + iterator("LATEST") + "\"}");
    }
}

}  // namespace
}  // namespace mill::kinesis
