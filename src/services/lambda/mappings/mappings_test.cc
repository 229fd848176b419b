// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/mappings_fixture.h"
#include "storage/contract/troubled_table.h"

namespace mill::lambda {
namespace {

using storage::contract::TroubledTable;
using ::testing::ElementsAre;

// As a disk answers: the commit is seen at once.
constexpr storage::contract::Slowness answered_late{.after = std::chrono::milliseconds(1)};

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

TEST_F(MappingsTest, TheLastResultOutlivesAChange) {
    invoker_.poison = "bad";
    auto with = request();
    with.settings.retry_attempts_max = 0;
    put({"bad"});
    const std::string uuid = create(std::move(with));
    run_until_batches(1);
    sim_.run_for(seconds(1));
    ASSERT_TRUE(sim_.await(mappings_->update({}, uuid, {.settings = {.batch_size = 5}})));
    sim_.run_for(seconds(1));
    const auto shown = mappings_->get({}, uuid);
    EXPECT_EQ(shown->state, "Enabled");
    EXPECT_EQ(shown->last_processing_result, "PROBLEM: Function call failed");
    EXPECT_EQ(wire::text_of(*mappings_->status(uuid), "last_result"),
              "PROBLEM: Function call failed");
    put({"good"});
    sim_.run_for(seconds(1));
    EXPECT_EQ(mappings_->get({}, uuid)->last_processing_result, "OK");
}

TEST_F(MappingsTest, TheLastResultComesWithTheCheckpointAndOutlivesACrash) {
    const std::string uuid = create(request());
    crash();
    EXPECT_EQ(mappings_->get({}, uuid)->last_processing_result, "No records processed");
    put({"good"});
    sim_.run_for(seconds(1));
    crash();
    EXPECT_EQ(mappings_->get({}, uuid)->last_processing_result, "OK");
    EXPECT_EQ(engine_.table->scan("lambda/result/")->size(), 1u);
    sim_.await(mappings_->remove({}, uuid));
    sim_.run_for(seconds(1));
    EXPECT_EQ(engine_.table->scan("lambda/result/")->size(), 0u);
}

TEST_F(MappingsTest, AProblemThatNoCheckpointHasTakenAlongOutlivesAnOrderlyEnd) {
    invoker_.failures = 1'000'000;
    const std::string uuid = create(request());
    put({"a"});
    sim_.run_for(seconds(1));
    Scope scope;
    scope.spawn(mappings_->stop());
    sim_.run_for(seconds(1));
    crash();
    EXPECT_EQ(mappings_->get({}, uuid)->last_processing_result, "PROBLEM: Function call failed");
}

TEST_F(MappingsTest, ADeletionUnderWayAtTheEndLeavesNoResultBehind) {
    mappings_.reset();
    engine_.table =
        std::make_unique<TroubledTable>(sim_.machine(), std::move(engine_.table), answered_late);
    open();
    invoker_.failures = 1'000'000;
    const std::string uuid = create(request());
    put({"a"});
    sim_.run_for(seconds(1));
    ASSERT_TRUE(sim_.await(mappings_->remove({}, uuid)));
    Scope scope;
    scope.spawn(mappings_->stop());
    sim_.run_for(seconds(1));
    EXPECT_EQ(engine_.table->scan("lambda/result/")->size(), 0u);
}

TEST_F(MappingsTest, TheResultOfTheLatestCheckpointIsKeptWhenSeveralAreUnderWay) {
    TroubledTable table(sim_.machine(), memory::make_engine(sim_.machine()).table, answered_late);
    Checkpoints checkpoints(table, "uuid");
    ASSERT_TRUE(checkpoints.load());
    Scope scope;
    const auto commit = [&](std::string shard_id, ports::Position next, std::string result) {
        scope.spawn([](Checkpoints& to, std::string of, ports::Position at,
                       std::string told) -> Task<void> {
            EXPECT_TRUE(co_await to.commit(of, model::LanePositions(at), told));
        }(checkpoints, std::move(shard_id), next, std::move(result)));
    };
    commit("a", 1, "OK");
    sim_.run_for(seconds(1));
    commit("a", 2, "PROBLEM: Function call failed");
    commit("b", 1, "OK");
    sim_.run_for(seconds(1));
    EXPECT_EQ(*table.get(Checkpoints::result_row("uuid", {}).key), "OK");
}

struct FakeKeys final : ports::KeyStore {
    Result<void> check_key(const Caller&, const std::string& arn) const override {
        if (arn == "arn:aws:kms:us-east-1:000000000000:key/there") return {};
        return fail("NotFoundException", "Key '" + arn + "' does not exist", 400);
    }
};

TEST_F(MappingsTest, TheKeyHasToBeThere) {
    const FakeKeys keys;
    mappings_->set_keys(keys);
    auto with = request();
    with.settings.kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/gone";
    const auto refused = sim_.await(mappings_->create({}, with));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "InvalidParameterValueException");
    EXPECT_THAT(refused.error().message,
                ::testing::HasSubstr("KMS Exception: NotFoundException KMS Message: Key '" +
                                     with.settings.kms_key_arn + "' does not exist"));
    with.settings.kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/there";
    const std::string uuid = create(with);
    sim_.run_for(seconds(1));
    Mappings::Update change;
    change.settings.kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/gone";
    EXPECT_FALSE(sim_.await(mappings_->update({}, uuid, change)));
    change.settings.kms_key_arn = "";
    EXPECT_TRUE(sim_.await(mappings_->update({}, uuid, change)));
}

TEST_F(MappingsTest, BisectingIsolatesThePoisonedRecord) {
    invoker_.poison = "bad";
    auto with = request();
    with.settings.bisect_on_error = true;
    with.settings.retry_attempts_max = 0;
    put({"a", "b", "c", "bad"});
    create(std::move(with));
    run_until_batches(5);
    put({"d"});
    run_until_batches(6);
    EXPECT_THAT(invoker_.batches,
                ElementsAre(ElementsAre("a", "b", "c", "bad"), ElementsAre("a", "b"),
                            ElementsAre("c", "bad"), ElementsAre("c"), ElementsAre("bad"),
                            ElementsAre("d")));
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

TEST_F(MappingsTest, AFailingRecordHoldsUpItsShardNoLongerThanItsAge) {
    auto with = request();
    with.settings.record_age_seconds_max = 90;  // far from the ends of the waits between attempts
    put({"a"});
    create(std::move(with));
    invoker_.failures = 1'000'000;
    sim_.run_for(seconds(89));
    invoker_.failures = 0;
    put({"b"});
    sim_.run_for(seconds(2));
    ASSERT_GT(invoker_.batches.size(), 1u);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("b"));
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
    auto disabling = sim_.await(mappings_->update({}, uuid, Mappings::Update{.enabled = false}));
    EXPECT_EQ(disabling->state, "Disabling");
    EXPECT_EQ(
        sim_.await(mappings_->update({}, uuid, Mappings::Update{.enabled = true})).error().code,
        "ResourceInUseException");
    ASSERT_TRUE(sim_.run_task(mappings_->settled(uuid)));
    EXPECT_EQ(mappings_->get({}, uuid)->state, "Disabled");
    put({"b"});
    sim_.run_for(seconds(60));
    EXPECT_THAT(invoker_.batches, ElementsAre(ElementsAre("a")));
    ASSERT_TRUE(sim_.await(mappings_->update({}, uuid, Mappings::Update{.enabled = true})));
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

TEST_F(MappingsTest, StoppingDuringAnUpdateWaitsForTheDeliveryToo) {
    invoker_.takes = seconds(2);
    put({"a", "b"});
    const std::string uuid = create(request(1));
    auto other = request(1);
    other.function = "other";
    const std::string neighbour = create(std::move(other));
    run_until_batches(2);
    Mappings::Update update;
    update.settings.batch_size = 5;
    ASSERT_TRUE(sim_.await(mappings_->update({}, uuid, std::move(update))));
    ASSERT_TRUE(sim_.await(mappings_->remove({}, neighbour)));
    ASSERT_TRUE(sim_.run_task(mappings_->stop()));
    EXPECT_EQ(checkpoint(uuid), "1");
    EXPECT_THAT(invoker_.batches, ::testing::SizeIs(2)) << "no new delivery begins";
    crash();
    run_until_batches(3);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("b"));
    ASSERT_TRUE(sim_.run_task(mappings_->settled(uuid)));
    ASSERT_TRUE(sim_.run_task(mappings_->settled(neighbour)));
    EXPECT_EQ(mappings_->get({}, uuid)->batch_size, 5);
    EXPECT_FALSE(mappings_->get({}, neighbour));
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

TEST_F(MappingsTest, AnUpdateMapsTheSameStreamAndFunctionOnceToo) {
    const std::string uuid = create(request());
    auto with = request();
    with.function = "other";
    const std::string other = create(std::move(with));
    ASSERT_TRUE(sim_.run_task(mappings_->settled(other)));
    const auto again = sim_.await(mappings_->update({}, other, {.function = "consumer"}));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "ResourceConflictException");
    EXPECT_EQ(again.error().status, 409);
    EXPECT_THAT(again.error().message,
                ::testing::EndsWith("the existing mapping with UUID " + uuid));
    EXPECT_EQ(mappings_->get({}, other)->function_arn, "arn:function:other");
    EXPECT_TRUE(sim_.await(mappings_->update({}, other, {.function = "other"}))) << "its own";
    ASSERT_TRUE(sim_.run_task(mappings_->settled(other)));
    EXPECT_TRUE(sim_.await(mappings_->update({}, other, {.function = "third"})));
    EXPECT_EQ(mappings_->get({}, other)->function_arn, "arn:function:third");
}

TEST_F(MappingsTest, WhatDoesNotExistIsRefused) {
    auto no_function = request();
    no_function.function = "missing";
    EXPECT_EQ(sim_.await(mappings_->create({}, no_function)).error().message,
              "Function does not exist");
    auto no_source = request();
    no_source.source_arn = "arn:aws:sns:us-east-1:000000000000:topic";
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
    EXPECT_THAT(mappings_->get({}, uuid)->last_processing_result.value(),
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

TEST(KinesisEvent, ARecordIsFoundByItsSequenceNumber) {
    const std::vector<RenderedRecord> records = {
        {.sequence_number = "9"}, {.sequence_number = "10"}, {.sequence_number = "12"}};
    EXPECT_EQ(place_of(records, "9"), 0U);
    EXPECT_EQ(place_of(records, "12"), 2U);
    for (const char* none : {"", "1", "11", "99", "x"})
        EXPECT_EQ(place_of(records, none), std::nullopt) << none;
}

}  // namespace
}  // namespace mill::lambda
