// SPDX-License-Identifier: Apache-2.0
// Filters, lanes, failure destinations, tumbling windows; rewinding and replaying.
#include "services/lambda/mappings/mappings_fixture.h"

namespace mill::lambda {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const std::string queue_arn = "arn:aws:sqs:us-east-1:000000000000:failed";

std::string text(const wire::Value& value, std::string_view part, std::string_view name) {
    const wire::Value* inner = value.find(part);
    return inner ? wire::text_of(*inner, name) : "";
}

// --- filters --------------------------------------------------------------------------------

TEST_F(MappingsTest, FilteredRecordsArePassedWithoutAnInvocation) {
    auto with = request(2);
    with.settings.filters = {R"({"data":{"wanted":[true]}})"};
    const std::string uuid = create(std::move(with));
    put({R"({"wanted":true,"n":1})", "plain", R"({"wanted":false})", R"({"wanted":true,"n":2})"});
    sim_.run_for(seconds(1));
    EXPECT_THAT(invoker_.batches, ElementsAre(SizeIs(2))) << "filtering happens before batching";
    put({"dropped", "dropped"});
    sim_.run_for(seconds(1));
    EXPECT_EQ(checkpoint(uuid), "6");
    crash();
    put({R"({"wanted":true,"n":3})"});
    run_until_batches(2);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre(R"({"wanted":true,"n":3})"));
}

TEST_F(MappingsTest, ABatchIsFilledWithWhatPassesTheFilter) {
    auto with = request(2);
    with.settings.filters = {R"({"data":[{"exists":true}]})", R"({"partitionKey":["yes"]})"};
    EXPECT_EQ(sim_.await(mappings_->create({}, with)).error().message,
              "Invalid filter pattern definition.");
    with.settings.filters.erase(with.settings.filters.begin());
    source_.put("a", "yes");
    source_.put("b", "no");
    source_.put("c", "no");
    source_.put("d", "yes");
    create(std::move(with));
    sim_.run_for(seconds(1));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a", "d")));
}

TEST_F(MappingsTest, AnUpdateWithoutFiltersRemovesThem) {
    auto with = request();
    with.settings.filters = {R"({"partitionKey":["none"]})"};
    const std::string uuid = create(std::move(with));
    put({"a"});
    sim_.run_for(seconds(1));
    Mappings::Update update;
    update.settings.filter_criteria.emplace();
    ASSERT_TRUE(sim_.await(mappings_->update({}, uuid, std::move(update))));
    sim_.run_for(seconds(1));
    EXPECT_FALSE(mappings_->get({}, uuid)->filter_criteria);
    put({"b"});
    run_until_batches(1);
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("b")));
}

// --- lanes ----------------------------------------------------------------------------------

// Two keys of different lanes, of two.
const std::string even = "b", odd = "a";

TEST_F(MappingsTest, KeysOfOneLaneStayInOrderAndLanesDoNotWaitForEachOther) {
    ASSERT_EQ(model::lane_hash(even) % 2, 1 - model::lane_hash(odd) % 2);
    invoker_.poison = "bad";
    auto with = request(1);
    with.settings.parallelization_factor = 2;
    const std::string uuid = create(std::move(with));
    source_.put("bad", even);
    for (const char* data : {"1", "2", "3"}) source_.put(data, odd);
    source_.put("behind", even);
    sim_.run_for(seconds(5));
    std::vector<std::string> handled;
    for (const auto& batch : invoker_.batches) {
        if (batch.front() != "bad") handled.push_back(batch.front());
    }
    EXPECT_THAT(handled, ElementsAre("1", "2", "3"));
    EXPECT_THAT(checkpoint(uuid), ::testing::StartsWith("0 ")) << "not past the record that fails";
}

TEST_F(MappingsTest, ARestartRepeatsNothingOfTheFasterLane) {
    invoker_.poison = "bad";
    auto with = request(1);
    with.settings.parallelization_factor = 2;
    create(std::move(with));
    source_.put("bad", even);
    for (const char* data : {"1", "2", "3"}) source_.put(data, odd);
    sim_.run_for(seconds(5));
    invoker_.batches.clear();
    invoker_.poison = "";
    crash();
    source_.put("4", odd);
    sim_.run_for(seconds(1));
    EXPECT_THAT(invoker_.batches, UnorderedElementsAre(ElementsAre("bad"), ElementsAre("4")));
}

TEST_F(MappingsTest, FewerLanesRepeatNothing) {
    invoker_.poison = "bad";
    auto with = request(10);
    with.settings.parallelization_factor = 2;
    const std::string uuid = create(std::move(with));
    source_.put("bad", even);
    source_.put("1", odd);
    sim_.run_for(seconds(5));
    invoker_.batches.clear();
    invoker_.poison = "";
    Mappings::Update update;
    update.settings.parallelization_factor = 1;
    ASSERT_TRUE(sim_.await(mappings_->update({}, uuid, std::move(update))));
    source_.put("2", odd);
    sim_.run_for(seconds(1));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("bad"), ElementsAre("2")));
    EXPECT_EQ(checkpoint(uuid), "3");
}

// --- records too large ----------------------------------------------------------------------

TEST_F(MappingsTest, ARecordTooLargeForAnInvocationFailsWithoutOne) {
    auto with = request();
    with.settings.retry_attempts_max = 1;
    with.settings.on_failure = queue_arn;
    source_.put("a");
    source_.put(std::string(5 * 1024 * 1024, 'x'));
    source_.put("b");
    const std::string uuid = create(std::move(with));
    sim_.run_for(milliseconds(100));
    EXPECT_THAT(mappings_->get({}, uuid)->last_processing_result.value(),
                AllOf(HasSubstr("PROBLEM: The event of record 1001 has"), HasSubstr("at most")));
    sim_.run_for(seconds(10));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a"), ElementsAre("b")));
    ASSERT_THAT(destination_.notices, SizeIs(1));
    const wire::Value document = destination_.documents()[0];
    EXPECT_EQ(text(document, "requestContext", "condition"), "RetryAttemptsExhausted");
    EXPECT_EQ(text(document, "KinesisBatchInfo", "startSequenceNumber"), "1001");
    EXPECT_FALSE(document.find("responseContext")) << "nobody has answered";
    EXPECT_EQ(checkpoint(uuid), "3");
}

// --- failure destinations -------------------------------------------------------------------

TEST_F(MappingsTest, ADiscardedBatchIsToldToTheDestination) {
    invoker_.poison = "bad";
    auto with = request(2);
    with.settings.retry_attempts_max = 1;
    with.settings.on_failure = queue_arn;
    put({"a", "bad"});
    const std::string uuid = create(std::move(with));
    run_until_batches(2);
    sim_.run_for(seconds(1));
    ASSERT_THAT(destination_.notices, SizeIs(1));
    const wire::Value document = destination_.documents()[0];
    EXPECT_EQ(destination_.notices[0].destination_arn, queue_arn);
    EXPECT_EQ(text(document, "requestContext", "condition"), "RetryAttemptsExhausted");
    EXPECT_EQ(text(document, "requestContext", "functionArn"), "arn:function:consumer");
    EXPECT_EQ(*document.find("requestContext")->find("approximateInvokeCount")->integer(), 2);
    EXPECT_EQ(text(document, "responseContext", "functionError"), "Unhandled");
    EXPECT_EQ(text(document, "KinesisBatchInfo", "startSequenceNumber"), "1000");
    EXPECT_EQ(text(document, "KinesisBatchInfo", "endSequenceNumber"), "1001");
    EXPECT_EQ(*document.find("KinesisBatchInfo")->find("batchSize")->integer(), 2);
    EXPECT_EQ(text(document, "KinesisBatchInfo", "streamArn"), stream_arn);
    EXPECT_EQ(document.find("payload"), nullptr);
    EXPECT_EQ(checkpoint(uuid), "2");
}

TEST_F(MappingsTest, AnObjectHasTheRecordsToo) {
    invoker_.failures = 1;
    auto with = request();
    with.settings.retry_attempts_max = 0;
    with.settings.on_failure = "arn:aws:s3:::bucket";
    put({"a"});
    const std::string uuid = create(std::move(with));
    sim_.run_for(seconds(1));
    ASSERT_THAT(destination_.notices, SizeIs(1));
    EXPECT_THAT(destination_.notices[0].object_key,
                ::testing::MatchesRegex("aws/lambda/" + uuid + "/" + shard +
                                        "/[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9T.-]+-[0-9a-f-]{36}"));
    EXPECT_THAT(destination_.notices[0].document, HasSubstr(R"("payload":{"Records":[{"kinesis")"));
}

TEST_F(MappingsTest, ADestinationThatFailsIsTriedAgainAndTheCheckpointWaits) {
    invoker_.failures = 1;
    destination_.failures = 3;
    auto with = request();
    with.settings.retry_attempts_max = 0;
    with.settings.on_failure = queue_arn;
    put({"a"});
    const std::string uuid = create(std::move(with));
    sim_.run_for(seconds(1));
    EXPECT_EQ(checkpoint(uuid), "0");
    EXPECT_EQ(mappings_->get({}, uuid)->last_processing_result.value(),
              "PROBLEM: The queue is gone.");
    sim_.run_for(seconds(30));
    EXPECT_THAT(destination_.notices, SizeIs(1));
    EXPECT_EQ(checkpoint(uuid), "1");
    EXPECT_THAT(invoker_.batches, SizeIs(1));
}

TEST_F(MappingsTest, AMappingWhoseDestinationFailsCanBeDisabled) {
    invoker_.failures = 1;
    destination_.failures = 1'000'000;
    auto with = request();
    with.settings.retry_attempts_max = 0;
    with.settings.on_failure = queue_arn;
    put({"a"});
    const std::string uuid = create(std::move(with));
    sim_.run_for(seconds(10));
    ASSERT_TRUE(sim_.await(mappings_->update({}, uuid, Mappings::Update{.enabled = false})));
    sim_.run_for(seconds(1));
    EXPECT_EQ(mappings_->get({}, uuid)->state, "Disabled");
    EXPECT_EQ(checkpoint(uuid), "0");
}

TEST_F(MappingsTest, RecordsTooOldAreToldWithoutAResponse) {
    auto with = request();
    with.settings.record_age_seconds_max = 60;
    with.settings.on_failure = queue_arn;
    put({"old", "old too"});
    sim_.run_for(seconds(90));
    put({"young"});
    create(std::move(with));
    run_until_batches(1);
    ASSERT_THAT(destination_.notices, SizeIs(1));
    const wire::Value document = destination_.documents()[0];
    EXPECT_EQ(text(document, "requestContext", "condition"), "RecordAgeExceeded");
    EXPECT_EQ(document.find("responseContext"), nullptr);
    EXPECT_EQ(text(document, "KinesisBatchInfo", "endSequenceNumber"), "1001");
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("young")));
}

// --- tumbling windows -----------------------------------------------------------------------

class WindowsTest : public MappingsTest {
  protected:
    std::string create_windows(std::int64_t length = 10) {
        auto with = request(2);
        with.settings.tumbling_window_seconds = length;
        return create(std::move(with));
    }
    // To the start of the next window, so that what follows lies in one.
    void align(std::int64_t length = 10) {
        const std::int64_t ms = epoch_ms(sim_.machine().clock.wall()) % (length * 1000);
        sim_.run_for(milliseconds(length * 1000 - ms));
    }
    bool flag(std::size_t event, std::string_view name) const {
        return *invoker_.events[event].find(name)->boolean();
    }
    std::string state(std::size_t event) const {
        return wire::write_json(*invoker_.events[event].find("state"));
    }
};

TEST_F(WindowsTest, StateIsHandedOnAndTheLastInvocationClosesTheWindow) {
    align();
    const std::string uuid = create_windows();
    invoker_.answer = R"({"state":{"n":1}})";
    put({"a", "b", "c"});
    sim_.run_for(seconds(2));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a", "b"), ElementsAre("c")));
    EXPECT_EQ(state(0), "{}");
    EXPECT_EQ(state(1), R"({"n":1})");
    EXPECT_FALSE(flag(1, "isFinalInvokeForWindow"));
    EXPECT_EQ(checkpoint(uuid), "0") << "the window is the unit that a crash repeats";
    sim_.run_for(seconds(10));
    ASSERT_THAT(invoker_.batches, SizeIs(3));
    EXPECT_THAT(invoker_.batches[2], IsEmpty());
    EXPECT_TRUE(flag(2, "isFinalInvokeForWindow"));
    EXPECT_FALSE(flag(2, "isWindowTerminatedEarly"));
    EXPECT_EQ(state(2), R"({"n":1})");
    EXPECT_EQ(wire::text_of(invoker_.events[2], "shardId"), shard);
    EXPECT_EQ(checkpoint(uuid), "3");
    sim_.run_for(seconds(60));
    EXPECT_THAT(invoker_.batches, SizeIs(3)) << "windows without records invoke nothing";
}

TEST_F(WindowsTest, ABatchEndsWithItsWindow) {
    invoker_.answer = R"({"state":{}})";
    align();
    put({"a"});
    sim_.run_for(seconds(10));
    put({"b"});
    create_windows();
    sim_.run_for(seconds(2));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a"), IsEmpty(), ElementsAre("b")));
    EXPECT_EQ(text(invoker_.events[0], "window", "end"),
              text(invoker_.events[2], "window", "start"));
    EXPECT_EQ(state(2), "{}");
}

TEST_F(WindowsTest, ABatchWaitsNoLongerThanItsWindow) {
    align();
    auto with = request(100);
    with.settings.tumbling_window_seconds = 10;
    with.settings.window_seconds = 300;
    create(std::move(with));
    invoker_.answer = R"({"state":{}})";
    put({"a"});
    sim_.run_for(seconds(9));
    EXPECT_THAT(invoker_.batches, IsEmpty());
    sim_.run_for(seconds(3));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a"), IsEmpty()));
}

TEST_F(WindowsTest, AWindowLongPastIsReadToItsEndBehindAFilter) {
    align();
    put({"first"});
    for (int i = 0; i < 3500; ++i) source_.put("filtered", "no");
    put({"last"});
    sim_.run_for(seconds(20));
    invoker_.answer = R"({"state":{}})";
    auto with = request(2);
    with.settings.tumbling_window_seconds = 10;
    with.settings.filters = {R"({"partitionKey":["key"]})"};
    create(std::move(with));
    sim_.run_for(seconds(5));
    EXPECT_THAT(invoker_.batches,
                ElementsAre(ElementsAre("first"), ElementsAre("last"), IsEmpty()));
}

TEST_F(WindowsTest, AWindowEndsThoughFilteredRecordsKeepComing) {
    align();
    invoker_.answer = R"({"state":{}})";
    auto with = request(2);
    with.settings.tumbling_window_seconds = 10;
    with.settings.filters = {R"({"partitionKey":["key"]})"};
    create(std::move(with));
    put({"a"});
    for (int i = 0; i < 120; ++i) {
        sim_.run_for(milliseconds(100));
        source_.put("filtered", "no");
    }
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a"), IsEmpty()));
}

TEST_F(WindowsTest, AnAnswerWithoutStateIsAFailure) {
    align();
    create_windows();
    put({"a"});
    sim_.run_for(milliseconds(300));
    invoker_.answer = R"({"state":{"n":1}})";
    sim_.run_for(seconds(3));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a"), ElementsAre("a")));
}

TEST_F(WindowsTest, TooMuchStateEndsTheWindowEarly) {
    align();
    const std::string uuid = create_windows();
    invoker_.answer = R"({"state":{"s":")" + std::string(1024 * 1024, 'x') + R"("}})";
    put({"a"});
    run_until_batches(2);
    EXPECT_TRUE(flag(1, "isFinalInvokeForWindow"));
    EXPECT_TRUE(flag(1, "isWindowTerminatedEarly"));
    invoker_.answer = R"({"state":{}})";
    put({"b"});
    run_until_batches(3);
    EXPECT_EQ(state(2), "{}");
    EXPECT_EQ(checkpoint(uuid), "1");
}

TEST_F(WindowsTest, ACrashBeginsTheWindowAnew) {
    align();
    create_windows();
    invoker_.answer = R"({"state":{"n":1}})";
    put({"a", "b"});
    run_until_batches(1);
    sim_.run_for(seconds(1));
    crash();
    run_until_batches(2);
    EXPECT_THAT(invoker_.batches[1], ElementsAre("a", "b"));
    EXPECT_EQ(state(1), "{}");
}

TEST_F(WindowsTest, AFinalInvocationThatFailsIsRepeated) {
    align();
    const std::string uuid = create_windows();
    invoker_.answer = R"({"state":{}})";
    put({"a"});
    run_until_batches(1);
    invoker_.failures = 0;
    sim_.run_for(seconds(1));
    invoker_.failures = 2;
    sim_.run_for(seconds(20));
    EXPECT_THAT(invoker_.batches, SizeIs(4));
    EXPECT_EQ(checkpoint(uuid), "1");
}

TEST_F(WindowsTest, GoWithoutLanes) {
    auto with = request();
    with.settings.tumbling_window_seconds = 10;
    with.settings.parallelization_factor = 2;
    EXPECT_EQ(sim_.await(mappings_->create({}, with)).error().code,
              "InvalidParameterValueException");
}

// --- beyond AWS -----------------------------------------------------------------------------

TEST_F(MappingsTest, RewindingDeliversAgain) {
    put({"a", "b"});
    const std::string uuid = create(request());
    run_until_batches(1);
    sim_.run_for(seconds(10));
    put({"c"});
    run_until_batches(2);
    sim_.run_for(seconds(1));
    ASSERT_TRUE(sim_.await(mappings_->rewind(uuid, "TRIM_HORIZON")));
    run_until_batches(3);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("a", "b", "c"));
    sim_.run_for(seconds(1));
    const WallTime time = sim_.machine().clock.wall() - seconds(6);
    ASSERT_TRUE(sim_.await(mappings_->rewind(uuid, iso8601_ms(time))));
    run_until_batches(4);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("c"));
    const auto wrong = sim_.await(mappings_->rewind(uuid, "yesterday"));
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("yesterday"));
    EXPECT_EQ(sim_.await(mappings_->rewind("nobody", "TRIM_HORIZON")).error().status, 404);
}

TEST_F(MappingsTest, RewindingPassesNothingThatIsNotDelivered) {
    const std::string other = "shardId-000000000001";
    source_.add_shard(other);
    invoker_.poison = "bad";
    source_.put("bad");
    source_.put("behind");
    source_.put("a", "key", other);
    const std::string uuid = create(request(1));
    sim_.run_for(seconds(60));
    source_.put("b", "key", other);
    sim_.run_for(seconds(30));
    ASSERT_EQ(checkpoint(uuid), "0");
    ASSERT_EQ(checkpoint(uuid, other), "2");
    const WallTime time = sim_.machine().clock.wall() - seconds(45);
    invoker_.poison = "";
    invoker_.batches.clear();
    ASSERT_TRUE(sim_.await(mappings_->rewind(uuid, iso8601_ms(time))));
    EXPECT_EQ(checkpoint(uuid), "0") << "the records that fail are older than that";
    EXPECT_EQ(checkpoint(uuid, other), "1");
    sim_.run_for(seconds(90));
    EXPECT_THAT(invoker_.batches,
                UnorderedElementsAre(ElementsAre("bad"), ElementsAre("behind"), ElementsAre("b")));
}

TEST_F(MappingsTest, AMappingThatIsRewoundIsNotDeletedMeanwhile) {
    put({"a"});
    const std::string uuid = create(request());
    run_until_batches(1);
    sim_.run_for(seconds(1));
    source_.seek_takes = seconds(1);
    Scope scope;
    bool rewound = false;
    scope.spawn([](Mappings& mappings, std::string of, std::string to, bool* done) -> Task<void> {
        EXPECT_TRUE(co_await mappings.rewind(of, to));
        *done = true;
    }(*mappings_, uuid, iso8601_ms(sim_.machine().clock.wall() - seconds(30)), &rewound));
    EXPECT_EQ(sim_.await(mappings_->remove({}, uuid)).error().code, "ResourceInUseException");
    EXPECT_EQ(mappings_->get({}, uuid)->state, "Enabled");
    run_until_batches(2);
    EXPECT_TRUE(rewound);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("a"));
    ASSERT_TRUE(sim_.await(mappings_->remove({}, uuid)));
}

// Of two lanes one has not come as far.
TEST_F(MappingsTest, RewindingPassesNothingOfASlowerLane) {
    invoker_.poison = "bad";
    auto with = request(1);
    with.settings.parallelization_factor = 2;
    const std::string uuid = create(std::move(with));
    source_.put("bad", even);
    for (const char* data : {"1", "2"}) source_.put(data, odd);
    sim_.run_for(seconds(60));
    source_.put("3", odd);
    sim_.run_for(seconds(30));
    const WallTime time = sim_.machine().clock.wall() - seconds(45);
    ASSERT_TRUE(sim_.await(mappings_->rewind(uuid, iso8601_ms(time))));
    EXPECT_EQ(checkpoint(uuid), "0");
}

TEST_F(MappingsTest, StatusTellsWhatGoesOn) {
    invoker_.poison = "bad";
    put({"bad", "behind"});
    const std::string uuid = create(request(1));
    sim_.run_for(seconds(4));
    const wire::Value status = *mappings_->status(uuid);
    const wire::Value& of_shard = status.find("shards")->items()->front();
    EXPECT_EQ(*of_shard.find("lag_records")->integer(), 2);
    EXPECT_GE(*of_shard.find("lag_ms")->integer(), 4000);
    const wire::Value& batch = *of_shard.find("lanes")->items()->front().find("batch");
    EXPECT_EQ(wire::text_of(batch, "doing"), "retrying");
    EXPECT_EQ(wire::text_of(batch, "first_sequence_number"), "1000");
    EXPECT_TRUE(batch.find("next_attempt_ms"));
    EXPECT_EQ(mappings_->status("nobody").error().code, "ResourceNotFoundException");
}

TEST_F(MappingsTest, MetricsAddUp) {
    invoker_.poison = "bad";
    auto with = request(1);
    with.settings.retry_attempts_max = 0;
    with.settings.on_failure = queue_arn;
    with.settings.filters = {R"({"partitionKey":["key"]})"};
    put({"a", "bad"});
    source_.put("filtered", "other");
    const std::string uuid = create(std::move(with));
    sim_.run_for(seconds(2));
    const std::string metrics = mappings_->metrics_text();
    const auto expect = [&](const std::string& name, int value) {
        EXPECT_THAT(metrics, HasSubstr("millrace_mapping_" + name + "_total{uuid=\"" + uuid +
                                       "\"} " + std::to_string(value) + "\n"));
    };
    expect("polled", 3);
    expect("filtered_out", 1);
    expect("invoked", 1);
    expect("failed_invoke", 1);
    expect("dropped", 1);
    expect("on_failure_destination_delivered", 1);
    EXPECT_THAT(metrics, HasSubstr("millrace_mapping_iterator_age_seconds{"));
    EXPECT_THAT(metrics, Not(HasSubstr("deleted_total{"))) << "of queues";
}

}  // namespace
}  // namespace mill::lambda
