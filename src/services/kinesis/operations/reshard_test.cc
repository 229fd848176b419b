// SPDX-License-Identifier: Apache-2.0
// SplitShard, MergeShards, UpdateShardCount, UpdateStreamMode, and how the shards that they close
// and open are listed, read and forgotten.
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view middle = "170141183460469231731687303715884105728";
constexpr std::string_view three_quarters = "255211775190703847597530955573826158592";
constexpr std::string_view last = "340282366920938463463374607431768211455";

std::string id(int index) { return model::shard_id(static_cast<std::uint32_t>(index)); }

struct ReshardTest : KinesisTest {
    static std::string split_input(int shard, std::string_view key) {
        return R"({"StreamName":"orders","ShardToSplit":")" + id(shard) +
               R"(","NewStartingHashKey":")" + std::string(key) + "\"}";
    }
    static std::string merge_input(int shard, int adjacent) {
        return R"({"StreamName":"orders","ShardToMerge":")" + id(shard) +
               R"(","AdjacentShardToMerge":")" + id(adjacent) + "\"}";
    }
    static std::string count_input(int target) {
        return R"({"StreamName":"orders","ScalingType":"UNIFORM_SCALING","TargetShardCount":)" +
               std::to_string(target) + "}";
    }
    static std::string mode_input(const std::string& mode) {
        return R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders",)"
               R"("StreamModeDetails":{"StreamMode":")" +
               mode + "\"}}";
    }
    void split(int shard, std::string_view key = middle) {
        ok("SplitShard", split_input(shard, key));
    }
    void with_delay() {
        options_.transition = std::chrono::seconds(1);
        reopen();
    }
    void pass() { sim_.run_for(std::chrono::seconds(2)); }

    wire::Value::List shards(const std::string& more = "") {
        return *ok("ListShards", R"({"StreamName":"orders")" + more + "}").find("Shards")->items();
    }
    // "0 1-": shard 1 is closed.
    std::string listed(const std::string& more = "") {
        std::string text;
        for (const wire::Value& shard : shards(more)) {
            const auto index = *model::parse_shard_id(wire::text_of(shard, "ShardId"));
            text += (text.empty() ? "" : " ") + std::to_string(index);
            if (shard.find("SequenceNumberRange")->find("EndingSequenceNumber")) text += "-";
        }
        return text;
    }
    std::string filtered(const std::string& filter) {
        return listed(R"(,"ShardFilter":{"Type":)" + filter + "}");
    }
    std::string time() {
        const std::string ms = std::to_string(epoch_ms(kinesis_->now()));
        return ms.substr(0, ms.size() - 3) + "." + ms.substr(ms.size() - 3);
    }
    std::string keys(const wire::Value& shard) {
        const wire::Value& range = *shard.find("HashKeyRange");
        return wire::text_of(range, "StartingHashKey") + ".." +
               wire::text_of(range, "EndingHashKey");
    }
    Task<void> put_later(std::string key, std::string data, std::vector<std::string>* places) {
        const auto answer =
            decoded(co_await start("PutRecord", R"({"StreamName":"orders","PartitionKey":")" + key +
                                                    R"(","Data":")" + base64_encode(data) + "\"}"));
        places->push_back(answer ? wire::text_of(*answer, "ShardId") : answer.error().message);
    }
    Task<void> split_later(bool* done) {
        *done = (co_await start("SplitShard", split_input(0, middle))).has_value();
    }
};

TEST_F(ReshardTest, ASplitClosesTheParentAndOpensTwoChildren) {
    create("orders", 2);
    const auto before = put("b", "one");  // the upper half
    split(1, three_quarters);
    const auto all = shards();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(keys(all[2]), std::string(middle) + "..255211775190703847597530955573826158591");
    EXPECT_EQ(keys(all[3]), std::string(three_quarters) + ".." + std::string(last));
    EXPECT_EQ(wire::text_of(all[2], "ParentShardId"), id(1));
    EXPECT_EQ(wire::text_of(all[3], "ParentShardId"), id(1));
    EXPECT_FALSE(all[3].find("AdjacentParentShardId"));
    const auto ending = wire::text_of(*all[1].find("SequenceNumberRange"), "EndingSequenceNumber");
    const auto starting =
        wire::text_of(*all[2].find("SequenceNumberRange"), "StartingSequenceNumber");
    const auto after = put("b", "two");
    EXPECT_EQ(wire::text_of(after, "ShardId"), id(2));
    EXPECT_LT(wire::text_of(before, "SequenceNumber"), ending);
    EXPECT_LT(ending, starting);
    EXPECT_LT(starting, wire::text_of(after, "SequenceNumber"));
    EXPECT_EQ(listed(), "0 1- 2 3");
}

TEST_F(ReshardTest, AMergeGivesTheChildTheKeysOfBoth) {
    create("orders", 3);
    ok("MergeShards", merge_input(0, 1));
    const auto all = shards();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(wire::text_of(all[3], "ParentShardId"), id(0));
    EXPECT_EQ(wire::text_of(all[3], "AdjacentParentShardId"), id(1));
    EXPECT_EQ(keys(all[3]), "0..226854911280625642308916404954512140969");
    EXPECT_EQ(listed(), "0- 1- 2 3");
}

TEST_F(ReshardTest, NumbersOfOneKeyGrowHoweverFastItsShardsFollow) {
    create("orders");
    std::string before = wire::text_of(put("a", "0"), "SequenceNumber");  // MD5 0cc1...
    for (int n = 0; n < 4; ++n) {
        split(n == 0 ? 0 : 2 * n - 1, model::decimal((model::hash_key_max >> (n + 1)) + 1));
        const auto answer = put("a", "1");
        EXPECT_EQ(wire::text_of(answer, "ShardId"), id(2 * n + 1));
        EXPECT_LT(before, wire::text_of(answer, "SequenceNumber"));
        before = wire::text_of(answer, "SequenceNumber");
    }
}

TEST_F(ReshardTest, WhatCannotBeSplitIsRefusedInAwssWords) {
    create("orders", 2);
    EXPECT_EQ(error("SplitShard", split_input(7, middle)),
              "ResourceNotFoundException: Could not find shard shardId-000000000007 in stream "
              "orders under account 000000000000.");
    EXPECT_EQ(error("SplitShard", split_input(0, "1")),
              "InvalidArgumentException: NewStartingHashKey 1 used in SplitShard() on shard "
              "shardId-000000000000 in stream orders under account 000000000000 is not both "
              "greater than one plus the shard's StartingHashKey 0 and less than the shard's "
              "EndingHashKey 170141183460469231731687303715884105727.");
    split(0, "99");
    EXPECT_EQ(error("SplitShard", split_input(0, "88")),
              "InvalidArgumentException: Shard shardId-000000000000 in stream orders under account "
              "000000000000 has already been merged or split, and thus is not eligible for merging "
              "or splitting.");
    EXPECT_THAT(error("MergeShards", merge_input(0, 1)), HasSubstr("already been merged or split"));
    EXPECT_EQ(error("MergeShards", merge_input(3, 2)),
              "InvalidArgumentException: Shards shardId-000000000003 and shardId-000000000002 in "
              "stream orders under account 000000000000 are not an adjacent pair of shards "
              "eligible for merging");
    EXPECT_THAT(error("MergeShards", merge_input(2, 2)), HasSubstr("not an adjacent pair"));
    EXPECT_THAT(error("MergeShards", merge_input(1, 0)), HasSubstr("not an adjacent pair"));
    EXPECT_THAT(error("SplitShard", R"({"StreamName":"x","ShardToSplit":"0",
                                        "NewStartingHashKey":"5"})"),
                StartsWith("ResourceNotFoundException: Stream x under account"));
    EXPECT_THAT(error("SplitShard", "{}"), HasSubstr("2 validation errors detected"));
}

TEST_F(ReshardTest, UpdateShardCountMakesUniformShards) {
    create("orders", 2);
    const auto answer = ok("UpdateShardCount", count_input(4));
    EXPECT_EQ(*answer.find("CurrentShardCount")->integer(), 2);
    EXPECT_EQ(*answer.find("TargetShardCount")->integer(), 4);
    EXPECT_EQ(wire::text_of(answer, "StreamName"), "orders");
    EXPECT_EQ(wire::text_of(answer, "StreamARN"),
              "arn:aws:kinesis:us-east-1:000000000000:stream/orders");
    EXPECT_EQ(listed(), "0- 1- 2 3 4 5");
    ok("UpdateShardCount", count_input(3));
    EXPECT_EQ(shards(R"(,"ShardFilter":{"Type":"AT_LATEST"})").size(), 3U);
    put("a", "one");
    put("b", "two");
    const auto summary =
        *ok("DescribeStreamSummary", R"({"StreamName":"orders"})").find("StreamDescriptionSummary");
    EXPECT_EQ(*summary.find("OpenShardCount")->integer(), 3);
}

TEST_F(ReshardTest, UpdateShardCountKeepsAwssBounds) {
    create("orders", 3);
    EXPECT_EQ(error("UpdateShardCount", count_input(7)),
              "LimitExceededException: UpdateShardCount cannot scale up over double your current "
              "open shard count. Current open shard count: 3, Target shard count: 7");
    EXPECT_EQ(error("UpdateShardCount", count_input(1)),
              "LimitExceededException: UpdateShardCount cannot scale down below half your current "
              "open shard count. Current open shard count: 3, Target shard count: 1");
    EXPECT_THAT(error("UpdateShardCount", count_input(10'001)),
                HasSubstr("cannot be greater than 10000"));
    EXPECT_THAT(error("UpdateShardCount", count_input(0)), HasSubstr("ValidationException"));
    EXPECT_THAT(error("UpdateShardCount",
                      R"({"StreamName":"orders","TargetShardCount":2,"ScalingType":"BEST"})"),
                HasSubstr("Member must satisfy enum value set: [UNIFORM_SCALING]"));
}

TEST_F(ReshardTest, DailyLimitsHoldWhenAskedFor) {
    options_.aws_limits = true;
    reopen();
    create("orders", 2);
    for (int n = 0; n < 10; ++n) ok("UpdateShardCount", count_input(n % 2 == 0 ? 4 : 2));
    sim_.run_for(std::chrono::seconds(1));
    EXPECT_THAT(error("UpdateShardCount", count_input(4)), StartsWith("LimitExceededException"));
    ok("UpdateStreamMode", mode_input("ON_DEMAND"));
    ok("UpdateStreamMode", mode_input("PROVISIONED"));
    EXPECT_THAT(error("UpdateStreamMode", mode_input("ON_DEMAND")),
                StartsWith("LimitExceededException"));
    sim_.run_for(std::chrono::hours(25));
    ok("UpdateShardCount", count_input(4));
    ok("UpdateStreamMode", mode_input("ON_DEMAND"));
}

TEST_F(ReshardTest, StreamsOnDemandAreNotResharded) {
    create("orders", 2);
    ok("UpdateStreamMode", mode_input("ON_DEMAND"));
    ok("UpdateStreamMode", mode_input("ON_DEMAND"));  // as Terraform does
    const std::string refusal =
        "ValidationException: Request is invalid. Stream orders under account 000000000000 is in "
        "On-Demand mode.";
    EXPECT_EQ(error("SplitShard", split_input(0, "9")), refusal);
    EXPECT_EQ(error("MergeShards", merge_input(0, 1)), refusal);
    EXPECT_EQ(error("UpdateShardCount", count_input(4)), refusal);
    EXPECT_EQ(listed(), "0 1");
    ok("UpdateStreamMode", mode_input("PROVISIONED"));
    split(0, "9");
}

TEST_F(ReshardTest, AStreamIsUpdatingForAWhile) {
    create("orders", 2);
    with_delay();
    split(0, "9");
    EXPECT_EQ(status(), "UPDATING");
    EXPECT_EQ(listed(), "0 1");
    put("a", "while updating");
    for (const auto& [operation, input] :
         {std::pair{"SplitShard", split_input(1, three_quarters)},
          std::pair{"MergeShards", merge_input(0, 1)},
          std::pair{"UpdateShardCount", count_input(4)},
          std::pair{"UpdateStreamMode", mode_input("ON_DEMAND")}}) {
        EXPECT_EQ(error(operation, input),
                  "ResourceInUseException: Stream orders under account 000000000000 not ACTIVE, "
                  "instead in state UPDATING");
    }
    pass();
    EXPECT_EQ(status(), "ACTIVE");
    EXPECT_EQ(listed(), "0- 1 2 3");
}

TEST_F(ReshardTest, ARestartCarriesOutWhatWasAccepted) {
    create("orders", 2);
    with_delay();
    ok("UpdateShardCount", count_input(4));
    reopen();
    EXPECT_EQ(status(), "UPDATING");
    pass();
    EXPECT_EQ(status(), "ACTIVE");
    EXPECT_EQ(listed(), "0- 1- 2 3 4 5");
    const auto before = shards();
    reopen();
    EXPECT_EQ(shards(), before);
    put("a", "one");
}

TEST_F(ReshardTest, AStreamThatIsUpdatingCanBeDeleted) {
    create("orders");
    with_delay();
    split(0);
    ok("DeleteStream", R"({"StreamName":"orders"})");
    EXPECT_EQ(status(), "DELETING");
    pass();
    EXPECT_EQ(status(), "ResourceNotFoundException");
    EXPECT_THAT(engine_.logs->log_names(), IsEmpty());
}

TEST_F(ReshardTest, PutsDuringAReshardGoToAParentOrToAChild) {
    create("orders");
    std::vector<std::string> places;
    Scope scope;
    for (int n = 0; n < 20; ++n) scope.spawn(put_later("a", std::to_string(n), &places));
    bool is_split = false;
    scope.spawn(split_later(&is_split));
    for (int n = 20; n < 40; ++n) scope.spawn(put_later("a", std::to_string(n), &places));
    sim_.run_for(std::chrono::seconds(1));
    EXPECT_TRUE(is_split);
    EXPECT_EQ(std::count(places.begin(), places.end(), id(0)), 20);
    EXPECT_EQ(std::count(places.begin(), places.end(), id(1)), 20);
    const auto parent = records();
    const auto child = records("1");
    ASSERT_EQ(parent.size(), 20U);
    ASSERT_EQ(child.size(), 20U);
    for (std::size_t n = 0; n < 20; ++n) EXPECT_EQ(child[n], std::to_string(20 + n));
}

TEST_F(ReshardTest, AClosedShardDrainsAndNamesItsChildren) {
    create("orders");
    for (const auto* data : {"one", "two", "three"}) put("a", data);
    const auto early = iterator("TRIM_HORIZON");
    split(0);
    const auto first = get(early, R"(,"Limit":2)");
    EXPECT_THAT(data_of(first), ElementsAre("one", "two"));
    EXPECT_FALSE(first.find("ChildShards"));
    const auto rest = get(wire::text_of(first, "NextShardIterator"));
    EXPECT_THAT(data_of(rest), ElementsAre("three"));
    EXPECT_FALSE(rest.find("NextShardIterator"));
    EXPECT_EQ(*rest.find("MillisBehindLatest")->integer(), 0);
    const auto& children = *rest.find("ChildShards")->items();
    ASSERT_EQ(children.size(), 2U);
    EXPECT_EQ(wire::text_of(children[0], "ShardId"), id(1));
    EXPECT_EQ(*children[0].find("ParentShards")->items()->front().string(), id(0));
    EXPECT_EQ(keys(children[1]), std::string(middle) + ".." + std::string(last));
    ok("MergeShards", merge_input(1, 2));
    const auto merged = get(iterator("TRIM_HORIZON", "", "2"));
    const auto& child = merged.find("ChildShards")->items()->front();
    EXPECT_EQ(child.find("ParentShards")->items()->size(), 2U);
}

TEST_F(ReshardTest, EveryIteratorTypeReadsAClosedShard) {
    create("orders");
    put("a", "one");
    const auto number = wire::text_of(put("a", "two"), "SequenceNumber");
    sim_.run_for(std::chrono::seconds(5));
    split(0);
    EXPECT_THAT(records(), ElementsAre("one", "two"));
    const std::string at = R"(,"StartingSequenceNumber":")" + number + "\"";
    EXPECT_THAT(data_of(get(iterator("AT_SEQUENCE_NUMBER", at))), ElementsAre("two"));
    const auto ended = [this](const std::string& shard_iterator) {
        const auto answer = get(shard_iterator);
        return data_of(answer).empty() && !answer.find("NextShardIterator") &&
               answer.find("ChildShards");
    };
    EXPECT_TRUE(ended(iterator("AFTER_SEQUENCE_NUMBER", at)));
    EXPECT_TRUE(ended(iterator("LATEST")));
    EXPECT_TRUE(ended(iterator("AT_TIMESTAMP", R"(,"Timestamp":)" + time())));
    const auto ending =
        wire::text_of(*shards()[0].find("SequenceNumberRange"), "EndingSequenceNumber");
    EXPECT_TRUE(
        ended(iterator("AT_SEQUENCE_NUMBER", R"(,"StartingSequenceNumber":")" + ending + "\"")));
}

TEST_F(ReshardTest, ShardFiltersSelectByTheLifeOfAShard) {
    create("orders", 2);
    sim_.run_for(std::chrono::seconds(10));
    const std::string early = time();
    sim_.run_for(std::chrono::seconds(10));
    split(0, "9");
    sim_.run_for(std::chrono::seconds(10));
    const std::string late = time();
    EXPECT_EQ(listed(), "0- 1 2 3");
    EXPECT_EQ(filtered(R"("FROM_TRIM_HORIZON")"), "0- 1 2 3");
    EXPECT_EQ(filtered(R"("AT_TRIM_HORIZON")"), "0- 1");
    EXPECT_EQ(filtered(R"("AT_LATEST")"), "1 2 3");
    EXPECT_EQ(filtered(R"("AT_TIMESTAMP","Timestamp":)" + early), "0- 1");
    EXPECT_EQ(filtered(R"("AT_TIMESTAMP","Timestamp":)" + late), "1 2 3");
    EXPECT_EQ(filtered(R"("FROM_TIMESTAMP","Timestamp":)" + early), "0- 1 2 3");
    EXPECT_EQ(filtered(R"("FROM_TIMESTAMP","Timestamp":)" + late), "1 2 3");
    EXPECT_EQ(filtered(R"("FROM_TIMESTAMP","Timestamp":1)"), "0- 1 2 3");
    EXPECT_EQ(filtered(R"("AFTER_SHARD_ID","ShardId":"shardId-000000000001")"), "2 3");
    EXPECT_EQ(listed(R"(,"ExclusiveStartShardId":"shardId-000000000000")"), "1 2 3");
    EXPECT_THAT(error("ListShards", R"({"StreamName":"orders",
                                        "ShardFilter":{"Type":"AFTER_SHARD_ID"}})"),
                HasSubstr("ShardId must be specified"));
    EXPECT_THAT(error("ListShards", R"({"StreamName":"orders",
                                        "ShardFilter":{"Type":"AT_TIMESTAMP"}})"),
                HasSubstr("Timestamp must be specified"));
}

TEST_F(ReshardTest, AShardThatWasListedOpenIsListedClosedAfterASplit) {
    create("orders", 2);
    EXPECT_EQ(listed(), "0 1");
    split(0, "9");
    EXPECT_EQ(listed(), "0- 1 2 3");
}

TEST_F(ReshardTest, ATokenKeepsTheFilter) {
    create("orders", 2);
    split(0, "9");
    const auto first =
        ok("ListShards",
           R"({"StreamName":"orders","MaxResults":2,"ShardFilter":{"Type":"AT_LATEST"}})");
    EXPECT_EQ(wire::text_of(first.find("Shards")->items()->front(), "ShardId"), id(1));
    const auto rest =
        ok("ListShards", R"({"NextToken":")" + wire::text_of(first, "NextToken") + R"("})");
    ASSERT_EQ(rest.find("Shards")->items()->size(), 1U);
    EXPECT_EQ(wire::text_of(rest.find("Shards")->items()->front(), "ShardId"), id(3));
    EXPECT_FALSE(rest.find("NextToken"));
}

TEST_F(ReshardTest, DescribeStreamPagesOverClosedShards) {
    create("orders", 60);
    ok("UpdateShardCount", count_input(120));
    const auto page = [this](const std::string& more) {
        return *ok("DescribeStream", R"({"StreamName":"orders")" + more + "}")
                    .find("StreamDescription");
    };
    const auto first = page(R"(,"Limit":1000)");
    EXPECT_EQ(first.find("Shards")->items()->size(), 100U);
    EXPECT_TRUE(*first.find("HasMoreShards")->boolean());
    const auto rest = page(R"(,"ExclusiveStartShardId":"shardId-000000000099")");
    EXPECT_EQ(rest.find("Shards")->items()->size(), 80U);
    EXPECT_FALSE(*rest.find("HasMoreShards")->boolean());
}

TEST_F(ReshardTest, AClosedShardGoesAfterTheRetentionPeriod) {
    create("orders");
    put("a", "one");
    split(0);
    put("a", "two");
    sim_.run_for(std::chrono::hours(23));
    EXPECT_EQ(listed(), "0- 1 2");
    sim_.run_for(std::chrono::hours(2));
    EXPECT_EQ(listed(), "1 2");
    EXPECT_THAT(
        error("GetShardIterator", R"({"StreamName":"orders","ShardId":"shardId-000000000000",
                                              "ShardIteratorType":"TRIM_HORIZON"})"),
        StartsWith("ResourceNotFoundException"));
    EXPECT_THAT(error("SplitShard", split_input(0, "9")), HasSubstr("Could not find shard"));
    EXPECT_EQ(engine_.logs->log_names().size(), 2U);
    reopen();
    EXPECT_EQ(listed(), "1 2");
    split(2, three_quarters);
    EXPECT_EQ(listed(), "1 2- 3 4");
}

}  // namespace
}  // namespace mill::kinesis
