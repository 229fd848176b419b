// SPDX-License-Identifier: Apache-2.0
// PutRecord, PutRecords, GetShardIterator, GetRecords.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct RecordsTest : KinesisTest {
    static std::string next_of(const wire::Value& answer) {
        return wire::text_of(answer, "NextShardIterator");
    }
    static std::int64_t behind(const wire::Value& answer) {
        return *answer.find("MillisBehindLatest")->integer();
    }
    std::string iterator_error(const std::string& json) { return error("GetShardIterator", json); }
};

TEST_F(RecordsTest, ComeBackInOrderWithTheirKeysAndTimes) {
    create("orders");
    const auto first = put("a", "one");
    const auto second = put("b", "two");
    EXPECT_EQ(wire::text_of(first, "ShardId"), "shardId-000000000000");
    EXPECT_LT(wire::text_of(first, "SequenceNumber"), wire::text_of(second, "SequenceNumber"));
    const auto answer = get(iterator("TRIM_HORIZON"));
    EXPECT_THAT(data_of(answer), ElementsAre("one", "two"));
    const auto& record = answer.find("Records")->items()->at(1);
    EXPECT_EQ(wire::text_of(record, "PartitionKey"), "b");
    EXPECT_EQ(wire::text_of(record, "SequenceNumber"), wire::text_of(second, "SequenceNumber"));
    EXPECT_EQ(behind(answer), 0);
}

TEST_F(RecordsTest, SurviveARestartAndSoDoIterators) {
    create("orders");
    put("a", "one");
    const auto latest = iterator("LATEST");
    const auto horizon = iterator("TRIM_HORIZON");
    reopen();
    put("a", "two");
    EXPECT_THAT(data_of(get(latest)), ElementsAre("two"));
    EXPECT_THAT(data_of(get(horizon)), ElementsAre("one", "two"));
}

TEST_F(RecordsTest, LatestIsResolvedWhenItIsIssued) {
    create("orders");
    put("a", "before");
    const auto latest = iterator("LATEST");
    put("a", "after");
    const auto answer = get(latest);
    EXPECT_THAT(data_of(answer), ElementsAre("after"));
    EXPECT_THAT(data_of(get(next_of(answer))), IsEmpty());
}

TEST_F(RecordsTest, SequenceNumbersPointAtAndAfterTheirRecord) {
    create("orders");
    put("a", "one");
    const auto number = wire::text_of(put("a", "two"), "SequenceNumber");
    put("a", "three");
    const std::string start = R"(,"StartingSequenceNumber":")" + number + "\"";
    EXPECT_THAT(data_of(get(iterator("AT_SEQUENCE_NUMBER", start))), ElementsAre("two", "three"));
    EXPECT_THAT(data_of(get(iterator("AFTER_SEQUENCE_NUMBER", start))), ElementsAre("three"));
}

TEST_F(RecordsTest, StartingSequenceNumberOfTheShardIsItsBeginning) {
    create("orders");
    put("a", "one");
    const auto shards = ok("ListShards", R"({"StreamName":"orders"})");
    const auto number =
        wire::text_of(*shards.find("Shards")->items()->at(0).find("SequenceNumberRange"),
                      "StartingSequenceNumber");
    const std::string start = R"(,"StartingSequenceNumber":")" + number + "\"";
    EXPECT_THAT(data_of(get(iterator("AT_SEQUENCE_NUMBER", start))), ElementsAre("one"));
    EXPECT_THAT(data_of(get(iterator("AFTER_SEQUENCE_NUMBER", start))), ElementsAre("one"));
}

TEST_F(RecordsTest, TimestampsFindTheFirstRecordNotOlder) {
    create("orders");
    put("a", "one");
    sim_.run_for(std::chrono::seconds(10));
    const auto between = epoch_ms(kinesis_->now());
    sim_.run_for(std::chrono::seconds(10));
    put("a", "two");
    const auto at = [&](std::int64_t ms) {
        return data_of(
            get(iterator("AT_TIMESTAMP", ",\"Timestamp\":" + std::to_string(ms / 1000))));
    };
    EXPECT_THAT(at(between), ElementsAre("two"));
    EXPECT_THAT(at(between - 60'000), ElementsAre("one", "two"));
    sim_.run_for(std::chrono::seconds(10));
    EXPECT_THAT(at(epoch_ms(kinesis_->now())), IsEmpty());
    EXPECT_THAT(
        iterator_error(R"({"StreamName":"orders","ShardId":"0","ShardIteratorType":"AT_TIMESTAMP",
                                   "Timestamp":99999999999})"),
        HasSubstr(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            "timestampInMillis: 99999999999000, currentTimestampInMillis: "));
    EXPECT_THAT(
        iterator_error(
            R"({"StreamName":"orders","ShardId":"0","ShardIteratorType":"AT_TIMESTAMP"})"),
        HasSubstr("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP."));
}

TEST_F(RecordsTest, TimestampsAreExactToTheMillisecond) {
    create("orders");
    put("a", "one");
    const auto one = epoch_ms(kinesis_->now());
    sim_.run_for(std::chrono::milliseconds(2));
    put("a", "two");
    sim_.run_for(std::chrono::seconds(1));
    const auto arrival = [&](std::size_t record) {
        const auto answer = get(iterator("TRIM_HORIZON"));
        const auto* time =
            answer.find("Records")->items()->at(record).find("ApproximateArrivalTimestamp");
        return std::llround(1000 *
                            (time->real() ? *time->real() : static_cast<double>(*time->integer())));
    };
    const auto from = [&](std::int64_t ms) {
        return iterator("AT_TIMESTAMP",
                        fmt::format(R"(,"Timestamp":{}.{:03})", ms / 1000, ms % 1000));
    };
    const auto at = [&](std::int64_t ms) { return data_of(get(from(ms))); };
    EXPECT_LE(arrival(0), one);
    EXPECT_THAT(at(arrival(0)), ElementsAre("one", "two"));
    EXPECT_THAT(at(arrival(0) + 1), ElementsAre("two"));
    EXPECT_THAT(at(arrival(1)), ElementsAre("two"));
    const auto past_the_tip = from(arrival(1) + 1);
    EXPECT_THAT(data_of(get(past_the_tip)), IsEmpty());
    put("a", "three");
    EXPECT_THAT(data_of(get(past_the_tip)), ElementsAre("three"));
}

TEST_F(RecordsTest, IteratorArgumentsAreCheckedInTheWordsOfAws) {
    create("orders", 2);
    const auto number = wire::text_of(
        ok("PutRecord",
           R"({"StreamName":"orders","PartitionKey":"a","ExplicitHashKey":"0","Data":""})"),
        "SequenceNumber");
    EXPECT_THAT(
        iterator_error(
            R"({"StreamName":"orders","ShardId":"0","ShardIteratorType":"AT_SEQUENCE_NUMBER"})"),
        HasSubstr("Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber."));
    EXPECT_THAT(iterator_error(R"({"StreamName":"orders","ShardId":"0","ShardIteratorType":"LATEST",
                                   "StartingSequenceNumber":"1"})"),
                HasSubstr("Request specified LATEST and also a StartingSequenceNumber."));
    EXPECT_EQ(iterator_error(R"({"StreamName":"orders","ShardId":"shardId-000000000001",
                                 "ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":")" +
                             number + "\"}"),
              "InvalidArgumentException: Invalid StartingSequenceNumber. It encodes "
              "shardId-000000000000, while it was used "
              "in a call to a shard with shardId-000000000001");
    EXPECT_EQ(iterator_error(R"({"StreamName":"orders","ShardId":"shardId-000000000006",
                                 "ShardIteratorType":"LATEST"})"),
              "ResourceNotFoundException: Shard shardId-000000000006 in stream orders under "
              "account 000000000000 does not "
              "exist");
    EXPECT_EQ(iterator_error(R"({"StreamName":"none","ShardId":"6","ShardIteratorType":"LATEST"})"),
              "ResourceNotFoundException: Shard shardId-000000000006 in stream none under account "
              "000000000000 does not exist");
    EXPECT_EQ(
        iterator_error(R"({"StreamName":"orders","ShardId":"ham","ShardIteratorType":"LATEST"})"),
        "ResourceNotFoundException: Could not find shard ham in stream orders under account "
        "000000000000.");
    EXPECT_THAT(
        iterator_error(
            R"({"StreamName":"orders","ShardId":"0","ShardIteratorType":"AT_SEQUENCE_NUMBER",
                                   "StartingSequenceNumber":"0"})"),
        HasSubstr("in stream orders under account 000000000000 is invalid because it did not come "
                  "from this stream."));
}

TEST_F(RecordsTest, GarbledExpiredAndOrphanedIteratorsAreRefused) {
    create("orders");
    EXPECT_EQ(error("GetRecords", R"({"ShardIterator":"AAAA"})"),
              "InvalidArgumentException: Invalid ShardIterator.");
    const auto old = iterator("LATEST");
    sim_.step_wall_clock(std::chrono::milliseconds(300'001));
    EXPECT_THAT(
        error("GetRecords", R"({"ShardIterator":")" + old + "\"}"),
        HasSubstr("ExpiredIteratorException: Iterator expired. The iterator was created at time "));
    const auto orphan = iterator("LATEST");
    ok("DeleteStream", R"({"StreamName":"orders"})");
    create("orders");
    EXPECT_EQ(error("GetRecords", R"({"ShardIterator":")" + orphan + "\"}"),
              "ResourceNotFoundException: Shard shardId-000000000000 in stream orders under "
              "account 000000000000 does not "
              "exist");
    EXPECT_THAT(error("GetRecords", R"({"ShardIterator":"AAAA","Limit":10001})"),
                HasSubstr("1 validation error detected: Value '10001' at 'limit' failed to satisfy "
                          "constraint: Member must "
                          "have value less than or equal to 10000"));
}

TEST_F(RecordsTest, LimitAndBytesBoundAPageAndMillisBehindTellsTheRest) {
    create("orders");
    put("a", "one");
    sim_.run_for(std::chrono::seconds(5));
    put("a", "two");
    const auto page = get(iterator("TRIM_HORIZON"), R"(,"Limit":1)");
    EXPECT_THAT(data_of(page), ElementsAre("one"));
    EXPECT_GE(behind(page), 5000);
    const auto rest = get(next_of(page), R"(,"Limit":1)");
    EXPECT_THAT(data_of(rest), ElementsAre("two"));
    EXPECT_EQ(behind(rest), 0);
    // Eleven records of 1,000,000 bytes: ten fit into 10 MiB.
    create("large");
    const std::string data(1'000'000, 'x');
    for (int i = 0; i < 11; ++i) put("k", data, "large");
    const auto start = wire::text_of(
        ok("GetShardIterator", R"({"StreamName":"large","ShardId":"shardId-000000000000",
                                                               "ShardIteratorType":"TRIM_HORIZON"})"),
        "ShardIterator");
    const auto large = get(start);
    EXPECT_EQ(data_of(large).size(), 10U);
    EXPECT_EQ(data_of(get(next_of(large))).size(), 1U);
}

TEST_F(RecordsTest, ExpiredRecordsAreNeverReturnedAndTheirSpaceComesBack) {
    create("orders");
    put("a", "old");
    const auto horizon = iterator("TRIM_HORIZON");
    sim_.run_for(std::chrono::hours(12));
    put("a", "young");
    sim_.run_for(std::chrono::hours(12) + std::chrono::minutes(2));
    EXPECT_THAT(records(), ElementsAre("young"));
    sim_.run_for(std::chrono::seconds(1));
    const auto names = engine_.logs->log_names();
    ASSERT_EQ(names.size(), 1U);
    EXPECT_EQ((*engine_.logs->open_log(names[0]))->bounds(), (storage::Bounds{1, 2}));
}

TEST_F(RecordsTest, AShardThatNobodyUsesGivesBackItsSpace) {
    create("orders");
    put("a", "old");
    sim_.run_for(std::chrono::hours(26));
    const auto names = engine_.logs->log_names();
    ASSERT_EQ(names.size(), 1U);
    EXPECT_EQ((*engine_.logs->open_log(names[0]))->bounds(), (storage::Bounds{1, 1}));
}

TEST_F(RecordsTest, OneBatchMayExpireInPart) {
    create("orders");
    put("a", "one");
    ok("DecreaseStreamRetentionPeriod", R"({"StreamName":"orders","RetentionPeriodHours":24})");
    sim_.run_for(std::chrono::hours(25));
    EXPECT_THAT(records(), IsEmpty());
    put("a", "two");
    EXPECT_THAT(records(), ElementsAre("two"));
}

TEST_F(RecordsTest, ArrivalTimesNeverStepBackEvenOverARestart) {
    create("orders");
    put("a", "one");
    sim_.step_wall_clock(-std::chrono::hours(1));
    put("a", "two");
    reopen();
    put("a", "three");
    const auto answer = get(iterator("TRIM_HORIZON"));
    double last = 0;
    ASSERT_EQ(answer.find("Records")->items()->size(), 3U);
    for (const auto& record : *answer.find("Records")->items()) {
        const auto* value = record.find("ApproximateArrivalTimestamp");
        const double time = value->real() ? *value->real() : static_cast<double>(*value->integer());
        EXPECT_GE(time, last);
        last = time;
    }
}

TEST_F(RecordsTest, PutRecordsAnswersInOrderAndRoutesByKey) {
    create("orders", 2);
    const auto answer = ok("PutRecords", R"({"StreamName":"orders","Records":[
        {"PartitionKey":"k","ExplicitHashKey":"0","Data":"MQ=="},
        {"PartitionKey":"k","ExplicitHashKey":"340282366920938463463374607431768211455","Data":"Mg=="},
        {"PartitionKey":"k","ExplicitHashKey":"1","Data":"Mw=="}]})");
    EXPECT_EQ(*answer.find("FailedRecordCount")->integer(), 0);
    const auto& results = *answer.find("Records")->items();
    ASSERT_EQ(results.size(), 3U);
    EXPECT_EQ(wire::text_of(results[0], "ShardId"), "shardId-000000000000");
    EXPECT_EQ(wire::text_of(results[1], "ShardId"), "shardId-000000000001");
    EXPECT_EQ(wire::text_of(results[2], "ShardId"), "shardId-000000000000");
    EXPECT_LT(wire::text_of(results[0], "SequenceNumber"),
              wire::text_of(results[2], "SequenceNumber"));
    EXPECT_THAT(records("0"), ElementsAre("1", "3"));
    EXPECT_THAT(records("1"), ElementsAre("2"));
}

TEST_F(RecordsTest, BadRecordsFailTheWholeRequest) {
    create("orders");
    EXPECT_EQ(
        error("PutRecords", R"({"StreamName":"orders","Records":[{"PartitionKey":"k","Data":"MQ=="},
                  {"PartitionKey":"k","ExplicitHashKey":"340282366920938463463374607431768211456","Data":"Mg=="}]})"),
        "InvalidArgumentException: Invalid ExplicitHashKey. ExplicitHashKey must be in the range: "
        "[0, 2^128-1]. "
        "Specified value was 340282366920938463463374607431768211456");
    EXPECT_THAT(error("PutRecords",
                      R"({"StreamName":"orders","Records":[{"PartitionKey":"","Data":"MQ=="}]})"),
                HasSubstr("Value '' at 'records.1.member.partitionKey' failed to satisfy "
                          "constraint: Member must have length "
                          "greater than or equal to 1"));
    EXPECT_THAT(records(), IsEmpty());
}

TEST_F(RecordsTest, IteratorsReachOnlyTheCallersStreamsOrTheOneNamed) {
    create("orders");
    put("k", "one");
    const std::string text = iterator("TRIM_HORIZON");
    const auto read = [&](const std::string& arn) {
        return error("GetRecords",
                     R"({"ShardIterator":")" + text + R"(","StreamARN":")" + arn + "\"}");
    };
    const std::string arn = "arn:aws:kinesis:us-east-1:000000000000:stream/";
    EXPECT_EQ(read(arn + "orders"), "no error");
    EXPECT_EQ(read(arn + "others"), "InvalidArgumentException: Invalid ShardIterator.");
    caller_.account = "111111111111";
    EXPECT_EQ(error("GetRecords", R"({"ShardIterator":")" + text + "\"}"),
              "InvalidArgumentException: Invalid ShardIterator.");
    EXPECT_EQ(read(arn + "orders"), "no error");
    caller_ = Caller{};
    caller_.region = "eu-west-1";
    EXPECT_EQ(error("GetRecords", R"({"ShardIterator":")" + text + "\"}"),
              "InvalidArgumentException: Invalid ShardIterator.");
}

TEST_F(RecordsTest, SizeIsBoundedByTheStreamsOwnMaximum) {
    create("orders");
    const std::string data = base64_encode(std::string(1024 * 1024, 'x'));
    EXPECT_THAT(
        error("PutRecord", R"({"StreamName":"orders","PartitionKey":"k","Data":")" + data + "\"}"),
        HasSubstr("ValidationException: 1 validation error detected: Value "
                  "'java.nio.HeapByteBuffer[pos=0 lim=1048576 "
                  "cap=1048576]' at 'data' failed to satisfy constraint: Member must have length "
                  "less than or equal "
                  "to 1048576 (the partition key counts: 1048577 bytes together)"));
    ok("CreateStream", R"({"StreamName":"large","ShardCount":1,"MaxRecordSizeInKiB":2048})");
    ok("PutRecord", R"({"StreamName":"large","PartitionKey":"k","Data":")" + data + "\"}");
    put("k", "");  // empty data is legal
    EXPECT_THAT(records(), ElementsAre(""));
}

TEST_F(RecordsTest, OrderingNumberMustNotLieInTheFuture) {
    create("orders");
    const auto number = wire::text_of(put("a", "one"), "SequenceNumber");
    ok("PutRecord",
       R"({"StreamName":"orders","PartitionKey":"a","Data":"","SequenceNumberForOrdering":")" +
           number + "\"}");
    const auto future = model::sequence_number({1, 0}, 1, kinesis_->now() + std::chrono::hours(1));
    EXPECT_EQ(
        error(
            "PutRecord",
            R"({"StreamName":"orders","PartitionKey":"a","Data":"","SequenceNumberForOrdering":")" +
                future + "\"}"),
        "InvalidArgumentException: ExclusiveMinimumSequenceNumber " + future +
            " used in PutRecord on stream orders under account 000000000000 is invalid.");
}

}  // namespace
}  // namespace mill::kinesis
