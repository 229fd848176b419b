// SPDX-License-Identifier: Apache-2.0
// A stream is deleted and made again under its name: nothing that is kept of the first one is taken
// for the second.
#include "services/lambda/mappings/mappings_fixture.h"

namespace mill::lambda {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class IncarnationTest : public MappingsTest {
  protected:
    void make_stream_again() {
        source_.remove_stream();
        source_.make_stream_again();
    }
    void enable(const std::string& uuid, bool enabled) {
        ASSERT_TRUE(sim_.await(mappings_->update({}, uuid, Mappings::Update{.enabled = enabled})));
        ASSERT_TRUE(sim_.run_task(mappings_->settled(uuid)));
    }
    std::string source_row(const std::string& uuid) {
        return engine_.table->get("lambda/source/" + uuid)->value_or("none");
    }
};

TEST_F(IncarnationTest, ADisabledMappingReadsTheNewStreamFromItsBeginning) {
    auto with = request();
    with.starting_position = "LATEST";
    put({"before"});
    const std::string uuid = create(std::move(with));
    put({"a", "b"});
    run_until_batches(1);
    sim_.run_for(seconds(1));
    enable(uuid, false);
    make_stream_again();
    put({"c", "d", "e", "f"});
    enable(uuid, true);
    run_until_batches(2);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("c", "d", "e", "f"));
    sim_.run_for(seconds(1));
    EXPECT_EQ(checkpoint(uuid), "4");
    EXPECT_EQ(source_row(uuid), "2");
}

TEST_F(IncarnationTest, ARestartFindsTheNewStreamToo) {
    put({"a", "b"});
    const std::string uuid = create(request());
    run_until_batches(1);
    sim_.run_for(seconds(1));
    make_stream_again();
    crash();
    put({"c", "d", "e"});
    run_until_batches(2);
    sim_.run_for(seconds(1));
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("c", "d", "e"));
    EXPECT_EQ(checkpoint(uuid), "3");
}

TEST_F(IncarnationTest, ABatchInFlightMovesNoCheckpointOfTheNewStream) {
    invoker_.takes = seconds(2);
    put({"a", "b"});
    const std::string uuid = create(request(2));
    run_until_batches(1);
    make_stream_again();
    put({"x", "y", "z"});
    run_until_batches(2);
    sim_.run_for(seconds(10));
    EXPECT_THAT(invoker_.batches,
                ElementsAre(ElementsAre("a", "b"), ElementsAre("x", "y"), ElementsAre("z")));
    EXPECT_EQ(checkpoint(uuid), "3");
}

TEST_F(IncarnationTest, ABatchThatAlwaysFailsEndsWithItsStream) {
    invoker_.poison = "bad";
    put({"bad"});
    const std::string uuid = create(request(1));
    sim_.run_for(seconds(60));
    source_.remove_stream();
    sim_.run_for(seconds(120));
    const std::size_t attempts = invoker_.batches.size();
    EXPECT_THAT(mappings_->get({}, uuid)->last_processing_result.value(), HasSubstr("not found"));
    EXPECT_EQ(checkpoint(uuid), "none");
    EXPECT_EQ(source_row(uuid), "none");
    sim_.run_for(seconds(600));
    EXPECT_THAT(invoker_.batches, SizeIs(attempts));
    source_.make_stream_again();
    put({"good"});
    sim_.run_for(seconds(10));
    ASSERT_THAT(invoker_.batches, SizeIs(attempts + 1));
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("good"));
}

TEST_F(IncarnationTest, ABatchThatAlwaysFailsDoesNotHoldUpTheNewStream) {
    invoker_.poison = "bad";
    put({"bad", "behind"});
    const std::string uuid = create(request(1));
    sim_.run_for(seconds(60));
    make_stream_again();
    put({"good"});
    sim_.run_for(seconds(120));
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("good"));
    EXPECT_EQ(checkpoint(uuid), "1");
}

TEST_F(IncarnationTest, AFinalInvocationThatFailsEndsWithItsStream) {
    invoker_.answer = R"({"state":{}})";
    auto with = request();
    with.settings.tumbling_window_seconds = 10;
    create(std::move(with));
    put({"a"});
    run_until_batches(1);
    sim_.run_for(seconds(1));
    invoker_.failures = 1'000'000;
    sim_.run_for(seconds(60));
    source_.remove_stream();
    sim_.run_for(seconds(120));
    const std::size_t attempts = invoker_.batches.size();
    sim_.run_for(seconds(600));
    EXPECT_THAT(invoker_.batches, SizeIs(attempts));
}

TEST_F(IncarnationTest, AnUndeliveredDocumentEndsWithItsStream) {
    invoker_.poison = "bad";
    destination_.failures = 1'000'000;
    auto with = request(1);
    with.settings.retry_attempts_max = 0;
    with.settings.on_failure = "arn:aws:sqs:us-east-1:000000000000:failed";
    put({"bad"});
    create(std::move(with));
    sim_.run_for(seconds(10));
    make_stream_again();
    put({"good"});
    sim_.run_for(seconds(120));
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("good"));
}

TEST_F(IncarnationTest, DiscardsOfTheFirstStreamAreNotReadFromTheSecond) {
    invoker_.poison = "bad";
    auto with = request(1);
    with.settings.retry_attempts_max = 0;
    put({"bad"});
    const std::string uuid = create(std::move(with));
    run_until_batches(1);
    sim_.run_for(seconds(1));
    enable(uuid, false);
    make_stream_again();
    put({"another"});
    const auto replayed = sim_.await(mappings_->replay_discarded(uuid));
    EXPECT_EQ(wire::write_json(*replayed), R"({"replayed":0,"failed":0,"expired":1})");
    EXPECT_THAT(invoker_.batches, SizeIs(1));
}

// Stores of before this was kept have no such row.
TEST_F(IncarnationTest, CheckpointsOfAnOlderStoreAreGoneOnFrom) {
    put({"a"});
    const std::string uuid = create(request());
    run_until_batches(1);
    sim_.run_for(seconds(1));
    EXPECT_EQ(source_row(uuid), "1");
    ASSERT_TRUE(sim_.await(engine_.table->commit({.erases = {"lambda/source/" + uuid}})));
    crash();
    put({"b"});
    run_until_batches(2);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("b"));
    EXPECT_EQ(source_row(uuid), "1");
}

}  // namespace
}  // namespace mill::lambda
