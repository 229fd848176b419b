// SPDX-License-Identifier: Apache-2.0
// CreateStream, DeleteStream, the Describe and List operations, retention, tags.
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> texts(const wire::Value& list) {
    std::vector<std::string> found;
    for (const auto& item : *list.items()) found.push_back(*item.string());
    return found;
}

struct StreamsTest : KinesisTest {
    wire::Value describe(const std::string& more = "") {
        return *ok("DescribeStream", R"({"StreamName":"orders")" + more + "}")
                    .find("StreamDescription");
    }
};

TEST_F(StreamsTest, NewStreamIsActiveAtOnceAndCoversEveryHashKey) {
    create("orders", 3);
    const auto stream = describe();
    EXPECT_EQ(wire::text_of(stream, "StreamStatus"), "ACTIVE");
    EXPECT_EQ(wire::text_of(stream, "StreamARN"),
              "arn:aws:kinesis:us-east-1:000000000000:stream/orders");
    EXPECT_EQ(*stream.find("RetentionPeriodHours")->integer(), 24);
    EXPECT_EQ(wire::write_json(*stream.find("EnhancedMonitoring")),
              R"([{"ShardLevelMetrics":[]}])");
    const auto& shards = *stream.find("Shards")->items();
    ASSERT_EQ(shards.size(), 3U);
    EXPECT_EQ(wire::text_of(shards[0], "ShardId"), "shardId-000000000000");
    EXPECT_EQ(wire::text_of(*shards[0].find("HashKeyRange"), "StartingHashKey"), "0");
    EXPECT_EQ(wire::text_of(*shards[2].find("HashKeyRange"), "EndingHashKey"),
              "340282366920938463463374607431768211455");
    EXPECT_EQ(
        wire::text_of(*shards[0].find("SequenceNumberRange"), "StartingSequenceNumber").size(),
        56U);
}

TEST_F(StreamsTest, CreateRefusesANameThatIsTaken) {
    create("orders");
    EXPECT_EQ(error("CreateStream", R"({"StreamName":"orders","ShardCount":1})"),
              "ResourceInUseException: Stream orders under account 000000000000 already exists.");
}

TEST_F(StreamsTest, CreateListsEveryViolation) {
    const auto text = error("CreateStream", R"({"StreamName":"a b","ShardCount":0})");
    EXPECT_THAT(
        text, HasSubstr("ValidationException: 2 validation errors detected: Value '0' at "
                        "'shardCount' failed to "
                        "satisfy constraint: Member must have value greater than or equal to 1; "));
    EXPECT_THAT(
        text,
        HasSubstr(
            "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: [a-zA-Z0-9_.-]+"));
}

TEST_F(StreamsTest, CreateStopsAtTheShardLimit) {
    create("orders", 1);
    EXPECT_THAT(error("CreateStream", R"({"StreamName":"more","ShardCount":20000})"),
                HasSubstr("LimitExceededException: This request would exceed the shard limit for "
                          "the account 000000000000 "
                          "in us-east-1. Current shard count for the account: 1. Limit: 20000."));
}

TEST_F(StreamsTest, WithoutShardCountIsOnDemandWithFourShards) {
    ok("CreateStream", R"({"StreamName":"orders"})");
    EXPECT_EQ(describe().find("Shards")->items()->size(), 4U);
    EXPECT_EQ(wire::text_of(*describe().find("StreamModeDetails"), "StreamMode"), "ON_DEMAND");
    const auto limits = ok("DescribeLimits", "{}");
    EXPECT_EQ(*limits.find("OpenShardCount")->integer(), 4);
    EXPECT_EQ(*limits.find("OnDemandStreamCount")->integer(), 1);
}

TEST_F(StreamsTest, StreamsOfOtherRegionsAndAccountsAreNotSeen) {
    create("orders");
    caller_.region = "eu-west-1";
    EXPECT_EQ(status(), "ResourceNotFoundException");
    EXPECT_EQ(texts(*ok("ListStreams", "{}").find("StreamNames")).size(), 0U);
    ok("DescribeStream", R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders"})");
}

TEST_F(StreamsTest, UnknownStreamIsNamed) {
    EXPECT_EQ(error("DescribeStream", R"({"StreamName":"nope"})"),
              "ResourceNotFoundException: Stream nope under account 000000000000 not found.");
    EXPECT_THAT(error("DescribeStream", "{}"), HasSubstr("InvalidArgumentException"));
}

TEST_F(StreamsTest, DescribePagesThroughTheShards) {
    create("orders", 3);
    const auto first = describe(R"(,"Limit":2)");
    EXPECT_EQ(first.find("Shards")->items()->size(), 2U);
    EXPECT_TRUE(*first.find("HasMoreShards")->boolean());
    const auto rest = describe(R"(,"ExclusiveStartShardId":"shardId-000000000001")");
    ASSERT_EQ(rest.find("Shards")->items()->size(), 1U);
    EXPECT_FALSE(*rest.find("HasMoreShards")->boolean());
}

TEST_F(StreamsTest, ListStreamsPagesByNameAndByToken) {
    for (const auto* name : {"c", "a", "b"}) create(name);
    const auto first = ok("ListStreams", R"({"Limit":2})");
    EXPECT_THAT(texts(*first.find("StreamNames")), ElementsAre("a", "b"));
    EXPECT_TRUE(*first.find("HasMoreStreams")->boolean());
    const auto token = wire::text_of(first, "NextToken");
    EXPECT_THAT(
        texts(*ok("ListStreams", R"({"NextToken":")" + token + R"("})").find("StreamNames")),
        ElementsAre("c"));
    const auto rest = ok("ListStreams", R"({"ExclusiveStartStreamName":"b"})");
    EXPECT_THAT(texts(*rest.find("StreamNames")), ElementsAre("c"));
    EXPECT_FALSE(*rest.find("HasMoreStreams")->boolean());
}

TEST_F(StreamsTest, ListShardsPagesByTokenWhichExpires) {
    create("orders", 3);
    const auto first = ok("ListShards", R"({"StreamName":"orders","MaxResults":2})");
    EXPECT_EQ(first.find("Shards")->items()->size(), 2U);
    const std::string rest = R"({"NextToken":")" + wire::text_of(first, "NextToken") + R"("})";
    const auto second = ok("ListShards", rest);
    ASSERT_EQ(second.find("Shards")->items()->size(), 1U);
    EXPECT_EQ(second.find("NextToken"), nullptr);
    sim_.step_wall_clock(std::chrono::seconds(301));
    EXPECT_THAT(error("ListShards", rest), HasSubstr("ExpiredNextTokenException"));
    EXPECT_EQ(error("ListShards", "{}"),
              "InvalidArgumentException: Either NextToken or StreamName should be provided.");
    EXPECT_EQ(error("ListShards", R"({"StreamName":"orders","NextToken":"x"})"),
              "InvalidArgumentException: NextToken and StreamName cannot be provided together.");
    const auto after = ok("ListShards", R"({"StreamName":"orders",
        "ShardFilter":{"Type":"AFTER_SHARD_ID","ShardId":"shardId-000000000001"}})");
    EXPECT_EQ(after.find("Shards")->items()->size(), 1U);
}

TEST_F(StreamsTest, DescriptionSurvivesARestart) {
    create("orders", 2);
    ok("AddTagsToStream", R"({"StreamName":"orders","Tags":{"team":"blue"}})");
    const auto before = describe();
    reopen();
    EXPECT_EQ(describe(), before);
    EXPECT_EQ(
        wire::text_of(
            ok("ListTagsForStream", R"({"StreamName":"orders"})").find("Tags")->items()->at(0),
            "Value"),
        "blue");
}

TEST_F(StreamsTest, TransitionsAreSeenWhileTheyLast) {
    options_.transition = std::chrono::seconds(2);
    reopen();
    create("orders");
    EXPECT_EQ(status(), "CREATING");
    EXPECT_EQ(describe().find("Shards")->items()->size(), 0U);
    EXPECT_EQ(error("PutRecord", R"({"StreamName":"orders","PartitionKey":"a","Data":""})"),
              "ResourceNotFoundException: Stream orders under account 000000000000 not found.");
    EXPECT_EQ(error("IncreaseStreamRetentionPeriod",
                    R"({"StreamName":"orders","RetentionPeriodHours":48})"),
              "ResourceInUseException: Stream orders under account 000000000000 not ACTIVE, "
              "instead in state CREATING");
    sim_.run_for(std::chrono::seconds(3));
    EXPECT_EQ(status(), "ACTIVE");
    ok("DeleteStream", R"({"StreamName":"orders"})");
    EXPECT_EQ(status(), "DELETING");
    sim_.run_for(std::chrono::seconds(3));
    EXPECT_EQ(status(), "ResourceNotFoundException");
}

TEST_F(StreamsTest, TransitionsGoOnAfterARestart) {
    options_.transition = std::chrono::seconds(2);
    reopen();
    create("orders");
    reopen();
    EXPECT_EQ(status(), "CREATING");
    sim_.run_for(std::chrono::seconds(3));
    EXPECT_EQ(status(), "ACTIVE");
    ok("DeleteStream", R"({"StreamName":"orders"})");
    reopen();
    EXPECT_EQ(status(), "DELETING");
    sim_.run_for(std::chrono::seconds(3));
    EXPECT_EQ(status(), "ResourceNotFoundException");
    EXPECT_TRUE(engine_.logs->log_names().empty());
}

TEST_F(StreamsTest, DeletedStreamLeavesNothingBehind) {
    create("orders", 2);
    put("a", "old");
    ok("DeleteStream", R"({"StreamName":"orders"})");
    EXPECT_EQ(status(), "ResourceNotFoundException");
    sim_.run_for(std::chrono::seconds(1));
    EXPECT_TRUE(engine_.logs->log_names().empty());
    reopen();
    EXPECT_EQ(status(), "ResourceNotFoundException");
    create("orders");
    EXPECT_THAT(records(), ElementsAre());
}

TEST_F(StreamsTest, LogsWithoutAStreamAreDroppedAtStart) {
    ASSERT_TRUE(engine_.logs->open_log("kinesis/0123456789abcdef/0"));
    ASSERT_TRUE(engine_.logs->open_log("logs/other"));
    reopen();
    sim_.run_for(std::chrono::seconds(1));
    EXPECT_THAT(engine_.logs->log_names(), ElementsAre("logs/other"));
}

TEST_F(StreamsTest, RetentionChangesWithinItsBounds) {
    create("orders");
    const auto increase = [&](int hours) {
        return error(
            "IncreaseStreamRetentionPeriod",
            R"({"StreamName":"orders","RetentionPeriodHours":)" + std::to_string(hours) + "}");
    };
    const auto decrease = [&](int hours) {
        return error(
            "DecreaseStreamRetentionPeriod",
            R"({"StreamName":"orders","RetentionPeriodHours":)" + std::to_string(hours) + "}");
    };
    EXPECT_EQ(increase(48), "no error");
    EXPECT_EQ(*describe().find("RetentionPeriodHours")->integer(), 48);
    EXPECT_EQ(
        increase(47),
        "InvalidArgumentException: Requested retention period (47 hours) for stream orders can not "
        "be "
        "shorter than existing retention period (48 hours). Use DecreaseRetentionPeriod API.");
    EXPECT_EQ(decrease(49),
              "InvalidArgumentException: Requested retention period (49 hours) for stream orders "
              "can not be "
              "longer than existing retention period (48 hours). Use IncreaseRetentionPeriod API.");
    EXPECT_EQ(decrease(23),
              "InvalidArgumentException: Minimum allowed retention period is 24 hours. Requested "
              "retention "
              "period (23 hours) is too short.");
    EXPECT_EQ(increase(8761),
              "InvalidArgumentException: Maximum allowed retention period is 8760 hours. Requested "
              "retention period (8761 hours) is too long.");
    EXPECT_EQ(decrease(24), "no error");
    options_.retention_hours_min = 1;
    reopen();
    EXPECT_EQ(decrease(1), "no error");
}

TEST_F(StreamsTest, TagsAreAddedListedAndRemoved) {
    create("orders");
    ok("AddTagsToStream", R"({"StreamName":"orders","Tags":{"a":"1","b":"2","c":""}})");
    ok("AddTagsToStream", R"({"StreamName":"orders","Tags":{"b":"3"}})");
    ok("RemoveTagsFromStream", R"({"StreamName":"orders","TagKeys":["a","absent"]})");
    const auto page = ok("ListTagsForStream", R"({"StreamName":"orders","Limit":1})");
    EXPECT_EQ(wire::write_json(page), R"({"Tags":[{"Key":"b","Value":"3"}],"HasMoreTags":true})");
    const auto rest =
        ok("ListTagsForStream", R"({"StreamName":"orders","ExclusiveStartTagKey":"b"})");
    EXPECT_EQ(wire::write_json(rest), R"({"Tags":[{"Key":"c","Value":""}],"HasMoreTags":false})");
    EXPECT_THAT(error("AddTagsToStream", R"({"StreamName":"orders","Tags":{"a*":"1"}})"),
                HasSubstr("InvalidArgumentException: Some tags contain invalid characters."));
    std::string many;
    for (int i = 0; i < 50; ++i) many += (i ? ",\"" : "\"") + std::to_string(i) + "\":\"\"";
    EXPECT_EQ(error("AddTagsToStream", R"({"StreamName":"orders","Tags":{)" + many + "}}"),
              "InvalidArgumentException: Failed to add tags to stream orders under account "
              "000000000000 because a given "
              "stream cannot have more than 50 tags associated with it.");
}

TEST_F(StreamsTest, TagsOfANewStreamFollowTheSameRules) {
    EXPECT_THAT(
        error("CreateStream", R"({"StreamName":"orders","ShardCount":1,"Tags":{"a*":"1"}})"),
        HasSubstr("InvalidArgumentException: Some tags contain invalid characters."));
    std::string many;
    for (int i = 0; i < 51; ++i) many += (i ? ",\"" : "\"") + std::to_string(i) + "\":\"\"";
    EXPECT_THAT(
        error("CreateStream", R"({"StreamName":"orders","ShardCount":1,"Tags":{)" + many + "}}"),
        HasSubstr("cannot have more than 50 tags"));
    EXPECT_EQ(status(), "ResourceNotFoundException");
}

TEST_F(StreamsTest, TagsDoNotChangeWhileCreating) {
    options_.transition = std::chrono::seconds(2);
    reopen();
    ok("CreateStream", R"({"StreamName":"orders","ShardCount":1,"Tags":{"a":"1"}})");
    const std::string refusal =
        "ResourceInUseException: Stream orders under account 000000000000 not ACTIVE, instead in "
        "state CREATING";
    EXPECT_EQ(error("AddTagsToStream", R"({"StreamName":"orders","Tags":{"b":"2"}})"), refusal);
    EXPECT_EQ(error("RemoveTagsFromStream", R"({"StreamName":"orders","TagKeys":["a"]})"), refusal);
    EXPECT_EQ(wire::write_json(ok("ListTagsForStream", R"({"StreamName":"orders"})")),
              R"({"Tags":[{"Key":"a","Value":"1"}],"HasMoreTags":false})");
}

TEST_F(StreamsTest, ChangesAtTheSameTimeAreAllKept) {
    create("orders");
    std::optional<Result<wire::Output>> first, second;
    struct Run {
        static Task<void> run(Task<Result<wire::Output>> task,
                              std::optional<Result<wire::Output>>* out) {
            out->emplace(co_await std::move(task));
        }
    };
    Scope scope;
    scope.spawn(
        Run::run(start("AddTagsToStream", R"({"StreamName":"orders","Tags":{"a":"1"}})"), &first));
    scope.spawn(Run::run(start("IncreaseStreamRetentionPeriod",
                               R"({"StreamName":"orders","RetentionPeriodHours":48})"),
                         &second));
    ASSERT_TRUE(sim_.run_until([&] { return first && second; }));
    reopen();
    EXPECT_EQ(*describe().find("RetentionPeriodHours")->integer(), 48);
    EXPECT_EQ(ok("ListTagsForStream", R"({"StreamName":"orders"})").find("Tags")->items()->size(),
              1U);
}

}  // namespace
}  // namespace mill::kinesis
