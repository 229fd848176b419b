// SPDX-License-Identifier: Apache-2.0
// SubscribeToShard: what its events say, and when they come.
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"
#include "wire/events.h"

namespace mill::kinesis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Source = std::shared_ptr<wire::EventSource>;

struct SubscribeTest : KinesisTest {
    SubscribeTest() {
        create("orders");
        arn = consumer("bill");
    }
    std::string consumer(const std::string& name) {
        const auto answer = ok(
            "RegisterStreamConsumer",
            R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders","ConsumerName":")" +
                name + R"("})");
        return wire::text_of(*answer.find("Consumer"), "ConsumerARN");
    }
    std::string request(const std::string& position, const std::string& shard = "0") const {
        return R"({"ConsumerARN":")" + arn + R"(","ShardId":"shardId-00000000000)" + shard +
               R"(","StartingPosition":{)" + position + "}}";
    }
    static std::string at(const std::string& type, const std::string& more = "") {
        return R"("Type":")" + type + "\"" + more;
    }
    static std::string behind(const std::string& number) {
        return at("AFTER_SEQUENCE_NUMBER", R"(,"SequenceNumber":")" + number + "\"");
    }
    Source subscribe(const std::string& position = at("TRIM_HORIZON"),
                     const std::string& shard = "0") {
        auto output = sim_.await(start("SubscribeToShard", request(position, shard)));
        EXPECT_TRUE(output) << output.error().message;
        return output ? output->events : nullptr;
    }
    std::string refusal(const std::string& position, const std::string& shard = "0") {
        return error("SubscribeToShard", request(position, shard));
    }

    // What next() gave: an event, or in words what came in its place.
    struct Outcome {
        wire::Value event;
        std::string end;  // "end" or "code: message"
    };
    static Outcome outcome(const Result<std::optional<wire::Event>>& given) {
        if (!given) return {{}, given.error().code + ": " + given.error().message};
        if (!*given) return {{}, "end"};
        std::string text;
        wire::encode(*(*given)->structure, (*given)->object.get(), *wire::json_writer(text));
        return {*wire::parse_json(text)->find("SubscribeToShardEvent"), ""};
    }
    static Task<void> wait_next(Source source, std::optional<Outcome>* out) {
        out->emplace(outcome(co_await source->next()));
    }
    Outcome next(const Source& source) { return outcome(sim_.await(source->next())); }
    std::vector<std::string> next_data(const Source& source) { return data_of(next(source).event); }
    void begin_next(const Source& source) {
        pending_.reset();
        scope_.spawn(wait_next(source, &pending_));
        sim_.run_for(milliseconds(100));
    }
    void split() {
        ok("SplitShard", R"({"StreamName":"orders","ShardToSplit":"shardId-000000000000",)"
                         R"("NewStartingHashKey":"170141183460469231731687303715884105728"})");
    }

    std::string arn;
    std::optional<Outcome> pending_;
    Scope scope_;
};

TEST_F(SubscribeTest, GivesWhatIsThereInOneEvent) {
    const auto first = put("a", "one");
    const auto second = put("b", "two");
    const auto event = next(subscribe()).event;
    EXPECT_THAT(data_of(event), ElementsAre("one", "two"));
    const wire::Value& record = event.find("Records")->items()->front();
    EXPECT_EQ(wire::text_of(record, "PartitionKey"), "a");
    EXPECT_EQ(wire::text_of(record, "SequenceNumber"), wire::text_of(first, "SequenceNumber"));
    EXPECT_NE(record.find("ApproximateArrivalTimestamp"), nullptr);
    EXPECT_EQ(wire::text_of(event, "ContinuationSequenceNumber"),
              wire::text_of(second, "SequenceNumber"));
    EXPECT_EQ(*event.find("MillisBehindLatest")->integer(), 0);
    EXPECT_EQ(event.find("ChildShards"), nullptr);
}

TEST_F(SubscribeTest, AnAppendWakesIt) {
    const auto source = subscribe(at("LATEST"));
    begin_next(source);
    EXPECT_FALSE(pending_);
    put("a", "one");
    sim_.run_for(milliseconds(100));
    ASSERT_TRUE(pending_);
    EXPECT_THAT(data_of(pending_->event), ElementsAre("one"));
}

TEST_F(SubscribeTest, AnEventWithoutRecordsComesWhenNothingHappens) {
    const auto source = subscribe(at("LATEST"));
    begin_next(source);
    sim_.run_for(seconds(4));
    EXPECT_FALSE(pending_);
    sim_.run_for(seconds(2));
    ASSERT_TRUE(pending_);
    EXPECT_THAT(data_of(pending_->event), IsEmpty());
    EXPECT_THAT(wire::text_of(pending_->event, "ContinuationSequenceNumber"), StartsWith("49"));
}

TEST_F(SubscribeTest, EndsAfterFiveMinutes) {
    const auto source = subscribe();
    int events = 0;
    while (next(source).end.empty()) ++events;
    EXPECT_EQ(events, 59);
    EXPECT_EQ(next(source).end, "end");
}

TEST_F(SubscribeTest, TheNextOneGoesOnBehindTheContinuation) {
    auto source = subscribe(at("LATEST"));
    const auto empty = wire::text_of(next(source).event, "ContinuationSequenceNumber");
    source.reset();
    put("a", "one");
    source = subscribe(behind(empty));
    const auto event = next(source).event;
    EXPECT_THAT(data_of(event), ElementsAre("one"));
    source.reset();
    put("a", "two");
    source = subscribe(behind(wire::text_of(event, "ContinuationSequenceNumber")));
    EXPECT_THAT(next_data(source), ElementsAre("two"));
}

TEST_F(SubscribeTest, BeginsAtEveryKindOfPosition) {
    put("a", "one");
    sim_.run_for(seconds(10));
    const auto number = wire::text_of(put("a", "two"), "SequenceNumber");
    const auto arrived = epoch_ms(sim_.machine().clock.wall()) / 1000;
    put("a", "three");
    EXPECT_THAT(next_data(subscribe(at("TRIM_HORIZON"))), ElementsAre("one", "two", "three"));
    EXPECT_THAT(
        next_data(subscribe(at("AT_SEQUENCE_NUMBER", R"(,"SequenceNumber":")" + number + "\""))),
        ElementsAre("two", "three"));
    EXPECT_THAT(next_data(subscribe(behind(number))), ElementsAre("three"));
    EXPECT_THAT(
        next_data(subscribe(at("AT_TIMESTAMP", R"(,"Timestamp":)" + std::to_string(arrived - 5)))),
        ElementsAre("two", "three"));
    EXPECT_THAT(next_data(subscribe(at("LATEST"))), IsEmpty());
}

TEST_F(SubscribeTest, RefusesWhatDoesNotMakeAPosition) {
    EXPECT_THAT(refusal(at("AT_SEQUENCE_NUMBER")), StartsWith("InvalidArgumentException: Must"));
    EXPECT_THAT(refusal(at("LATEST", R"(,"SequenceNumber":"1")")),
                StartsWith("InvalidArgumentException: Must"));
    EXPECT_THAT(refusal(behind(std::string(60, '9'))),
                HasSubstr("used in SubscribeToShard on shard shardId-000000000000 in stream orders "
                          "under account 000000000000 is invalid."));
    EXPECT_THAT(refusal(behind("1")), StartsWith("InvalidArgumentException: Invalid Starting"));
    EXPECT_THAT(refusal(at("AT_TIMESTAMP")), StartsWith("InvalidArgumentException: Must specify"));
    EXPECT_THAT(refusal(at("AT_TIMESTAMP", R"(,"Timestamp":32503680000)")),
                StartsWith("InvalidArgumentException: The timestampInMillis parameter cannot"));
    EXPECT_EQ(refusal(""),
              "ValidationException: 1 validation error detected: Value null at "
              "'startingPosition.type' failed to satisfy constraint: Member must not be null");
}

TEST_F(SubscribeTest, RefusesAnUnknownShardOrConsumer) {
    EXPECT_EQ(refusal(at("LATEST"), "7"),
              "ResourceNotFoundException: Shard shardId-000000000007 in stream orders under "
              "account 000000000000 does not exist");
    arn.back() = arn.back() == '0' ? '1' : '0';
    EXPECT_EQ(refusal(at("LATEST")),
              "ResourceNotFoundException: Consumer bill, account 000000000000 not found.");
}

TEST_F(SubscribeTest, OnlyActiveConsumersSubscribe) {
    options_.transition = seconds(2);
    reopen();
    arn = consumer("slow");
    EXPECT_THAT(refusal(at("LATEST")),
                testing::AllOf(StartsWith("ResourceInUseException: Consumer slow with creation"),
                               HasSubstr("is not in ACTIVE status.")));
    sim_.run_for(seconds(3));
    EXPECT_THAT(next_data(subscribe(at("LATEST"))), IsEmpty());
}

TEST_F(SubscribeTest, ASecondOneIsRefusedForFiveSecondsAndThenTakesOver) {
    const auto first = subscribe(at("LATEST"));
    const std::string in_use =
        "ResourceInUseException: Another active subscription exists for this consumer: "
        "000000000000:orders:shardId-000000000000:bill";
    EXPECT_EQ(refusal(at("LATEST")), in_use);
    sim_.run_for(seconds(4));
    EXPECT_EQ(refusal(at("LATEST")), in_use);
    begin_next(first);
    sim_.run_for(seconds(1));
    const auto second = subscribe(at("LATEST"));
    sim_.run_for(milliseconds(100));
    ASSERT_TRUE(pending_);
    EXPECT_EQ(pending_->end, in_use);
    put("a", "one");
    EXPECT_THAT(next_data(second), ElementsAre("one"));
}

TEST_F(SubscribeTest, OneThatHasEndedIsNotInTheWay) {
    auto first = subscribe();
    first.reset();
    EXPECT_NE(subscribe(), nullptr);
}

TEST_F(SubscribeTest, OneThatWasReplacedGoesWithoutItsSuccessor) {
    auto first = subscribe();
    sim_.run_for(seconds(6));
    const auto second = subscribe();
    first.reset();
    EXPECT_THAT(refusal(at("LATEST")), StartsWith("ResourceInUseException"));
}

TEST_F(SubscribeTest, OtherConsumersAndShardsAreNotConcerned) {
    ok("UpdateShardCount",
       R"({"StreamName":"orders","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"})");
    const auto one = subscribe(at("LATEST"), "1");
    const auto two = subscribe(at("LATEST"), "2");
    std::vector<Source> many = {one, two};
    for (int n = 0; n < 19; ++n) {
        arn = consumer("c" + std::to_string(n));
        many.push_back(subscribe(at("LATEST"), "1"));
        many.push_back(subscribe(at("LATEST"), "2"));
    }
    put("a", "one");
    int seen = 0;
    for (const Source& source : many) seen += static_cast<int>(next_data(source).size());
    EXPECT_EQ(seen, 20);
}

TEST_F(SubscribeTest, AClosedShardEndsWithItsChildren) {
    const auto source = subscribe();
    put("a", "one");
    EXPECT_THAT(next_data(source), ElementsAre("one"));
    begin_next(source);
    split();
    sim_.run_for(milliseconds(100));
    ASSERT_TRUE(pending_);
    EXPECT_THAT(data_of(pending_->event), IsEmpty());
    EXPECT_EQ(pending_->event.find("ContinuationSequenceNumber"), nullptr);
    const auto& children = *pending_->event.find("ChildShards")->items();
    ASSERT_EQ(children.size(), 2U);
    EXPECT_EQ(wire::text_of(children[1], "ShardId"), "shardId-000000000002");
    EXPECT_EQ(*children[1].find("ParentShards")->items()->front().string(), "shardId-000000000000");
    EXPECT_EQ(next(source).end, "end");
}

TEST_F(SubscribeTest, TheLastRecordsComeWithTheChildren) {
    put("a", "one");
    split();
    const auto source = subscribe();
    const auto event = next(source).event;
    EXPECT_THAT(data_of(event), ElementsAre("one"));
    EXPECT_NE(event.find("ChildShards"), nullptr);
    EXPECT_EQ(next(source).end, "end");
}

TEST_F(SubscribeTest, BigBacklogsComeInSeveralEvents) {
    for (int n = 0; n < 4; ++n) put("a", std::string(700 * 1024, static_cast<char>('a' + n)));
    const auto source = subscribe();
    const auto first = next(source).event;
    EXPECT_EQ(data_of(first).size(), 1U);
    EXPECT_GT(*first.find("MillisBehindLatest")->integer(), 0);
    for (int n = 0; n < 2; ++n) EXPECT_EQ(next_data(source).size(), 1U);
    const auto last = next(source).event;
    EXPECT_EQ(data_of(last).front().front(), 'd');
    EXPECT_EQ(*last.find("MillisBehindLatest")->integer(), 0);
}

TEST_F(SubscribeTest, ADeregisteredConsumerIsToldSo) {
    begin_next(subscribe());
    ok("DeregisterStreamConsumer", R"({"ConsumerARN":")" + arn + R"("})");
    sim_.run_for(milliseconds(100));
    ASSERT_TRUE(pending_);
    EXPECT_EQ(pending_->end,
              "ResourceNotFoundException: Consumer bill, account 000000000000 not found.");
}

TEST_F(SubscribeTest, ADeletedStreamIsToldSo) {
    begin_next(subscribe());
    ok("DeleteStream", R"({"StreamName":"orders","EnforceConsumerDeletion":true})");
    sim_.run_for(milliseconds(100));
    ASSERT_TRUE(pending_);
    EXPECT_EQ(pending_->end,
              "ResourceNotFoundException: Stream orders under account 000000000000 not found.");
}

TEST_F(SubscribeTest, AShardThatExpiresIsToldSo) {
    for (int n = 0; n < 3; ++n) put("a", std::string(700 * 1024, 'x'));
    split();
    const auto source = subscribe();
    EXPECT_EQ(next_data(source).size(), 1U);
    sim_.step_wall_clock(std::chrono::hours(25));  // the client has been slow
    EXPECT_EQ(next(source).end,
              "ResourceNotFoundException: Shard shardId-000000000000 in stream orders under "
              "account 000000000000 does not exist");
}

TEST_F(SubscribeTest, ExpiredRecordsAreSkipped) {
    put("a", "old");
    sim_.step_wall_clock(std::chrono::hours(25));
    put("a", "new");
    EXPECT_THAT(next_data(subscribe()), ElementsAre("new"));
}

TEST_F(SubscribeTest, GoingAwayWhileItWaitsLeavesNothing) {
    begin_next(subscribe());
    scope_.clear();
    put("a", "one");
    EXPECT_THAT(next_data(subscribe()), ElementsAre("one"));
}

}  // namespace
}  // namespace mill::kinesis
