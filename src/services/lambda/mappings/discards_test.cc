// SPDX-License-Identifier: Apache-2.0
// What is kept of records that were given up, and replaying them.
#include "services/lambda/mappings/mappings_fixture.h"

namespace mill::lambda {
namespace {

using ::testing::ElementsAre;

// What a table is asked for.
class CountingTable final : public storage::Table {
  public:
    explicit CountingTable(storage::Table& inner) : inner_(inner) {}
    Result<std::optional<Bytes>> get(std::string_view key) override {
        ++rows_read;
        return inner_.get(key);
    }
    Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view after,
                                    std::size_t limit) override {
        auto rows = inner_.scan(prefix, after, limit);
        rows_read += rows ? rows->size() : 0;
        return rows;
    }
    Task<Result<void>> commit(Commit commit) override { return inner_.commit(std::move(commit)); }
    std::size_t rows_read = 0;

  private:
    storage::Table& inner_;
};

TEST_F(MappingsTest, ReplayingDrivesDiscardedRecordsOnceMore) {
    invoker_.poison = "bad";
    auto with = request(1);
    with.settings.retry_attempts_max = 0;
    put({"bad", "good"});
    const std::string uuid = create(std::move(with));
    run_until_batches(2);
    sim_.run_for(seconds(1));
    EXPECT_EQ(*mappings_->status(uuid)->find("discarded_records")->integer(), 1);
    auto replayed = sim_.await(mappings_->replay_discarded(uuid));
    EXPECT_EQ(wire::write_json(*replayed), R"({"replayed":0,"failed":1,"expired":0})");
    invoker_.poison = "";
    replayed = sim_.await(mappings_->replay_discarded(uuid));
    EXPECT_EQ(wire::write_json(*replayed), R"({"replayed":1,"failed":0,"expired":0})");
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("bad"));
    EXPECT_EQ(*mappings_->status(uuid)->find("discarded_records")->integer(), 0);
}

TEST_F(MappingsTest, ReplayingReadsWhatLiesTogetherAtOnce) {
    source_.add_shard("shardId-000000000001");
    invoker_.failures = 1'000'000;
    auto with = request(1);
    with.settings.retry_attempts_max = 0;
    const std::string uuid = create(std::move(with));
    for (int i = 0; i < 50; ++i) {
        source_.put(std::to_string(i));
        source_.put(std::to_string(i), "key", "shardId-000000000001");
    }
    sim_.run_for(seconds(60));
    EXPECT_EQ(*mappings_->status(uuid)->find("discarded_records")->integer(), 100);
    invoker_.failures = 0;
    const auto reads = source_.reads();
    const auto batches = invoker_.batches.size();
    const auto replayed = sim_.await(mappings_->replay_discarded(uuid));
    EXPECT_EQ(wire::write_json(*replayed), R"({"replayed":100,"failed":0,"expired":0})");
    EXPECT_EQ(source_.reads() - reads, 2u);
    EXPECT_EQ(invoker_.batches.size() - batches, 100u);
    EXPECT_THAT(invoker_.batches.back(), ElementsAre("49"));
}

TEST_F(MappingsTest, RecordsGivenUpAnewDuringAReplayStayDiscarded) {
    invoker_.poison = "bad";
    auto with = request(1);
    with.settings.retry_attempts_max = 0;
    put({"bad"});
    const std::string uuid = create(std::move(with));
    run_until_batches(1);
    sim_.run_for(seconds(1));
    invoker_.takes = seconds(1);
    Scope scope;
    std::string answer;
    scope.spawn([](Mappings& mappings, std::string of, std::string* into) -> Task<void> {
        *into = wire::write_json(*co_await mappings.replay_discarded(of));
    }(*mappings_, uuid, &answer));
    run_until_batches(2);
    Discard anew = Discards(*engine_.table, uuid).all()->front();
    anew.at += seconds(5);
    ASSERT_TRUE(sim_.await(Discards(*engine_.table, uuid).add(anew, 0)));
    invoker_.poison = "";
    ASSERT_TRUE(sim_.run_until([&] { return !answer.empty(); }));
    EXPECT_EQ(answer, R"({"replayed":1,"failed":0,"expired":0})");
    EXPECT_EQ(*mappings_->status(uuid)->find("discarded_records")->integer(), 1);
    const auto again = sim_.await(mappings_->replay_discarded(uuid));
    EXPECT_EQ(*mappings_->status(uuid)->find("discarded_records")->integer(), 0);
}

TEST_F(MappingsTest, DiscardsAreForgottenWhenTheirRecordsHaveLeftTheStream) {
    invoker_.failures = 1'000'000;
    auto with = request(1);
    with.settings.retry_attempts_max = 0;
    const std::string uuid = create(std::move(with));
    put({"a", "b"});
    sim_.run_for(seconds(1));
    EXPECT_EQ(*mappings_->status(uuid)->find("discarded_records")->integer(), 2);
    source_.trim(2);
    put({"c"});
    sim_.run_for(seconds(1));
    EXPECT_EQ(*mappings_->status(uuid)->find("discarded_records")->integer(), 1);
}

TEST_F(MappingsTest, WhatDiscardsCostDoesNotGrowWithHowManyAreKept) {
    CountingTable table(*engine_.table);
    Discards discards(table, "u");
    const auto discard = [](const std::string& of, std::int64_t position) {
        return Discard{.shard_id = of, .positions = {position}, .condition = "c", .at = {}};
    };
    for (std::int64_t n = 0; n < 500; ++n) {
        for (const char* of : {"a", "b", "c"})
            ASSERT_TRUE(sim_.await(discards.add(discard(of, n), 0)));
    }
    EXPECT_EQ(discards.records(), 1500U);
    table.rows_read = 0;
    ASSERT_TRUE(sim_.await(discards.add(discard("a", 500), 0)));
    ASSERT_TRUE(sim_.await(discards.forget_others({"a", "b", "c"})));
    EXPECT_EQ(discards.records(), 1501U);
    EXPECT_LT(table.rows_read, 10U);

    ASSERT_TRUE(sim_.await(discards.add(discard("a", 501), 3))) << "0, 1 and 2 have expired";
    EXPECT_EQ(discards.records(), 1499U);
    ASSERT_TRUE(sim_.await(discards.add(discard("a", 501), 0))) << "the same once more";
    EXPECT_EQ(discards.records(), 1499U);
    ASSERT_TRUE(sim_.await(discards.forget_others({"a", "c"})));
    ASSERT_TRUE(sim_.await(discards.remove(discard("c", 7))));
    EXPECT_FALSE(sim_.await(discards.remove(discard("c", 7)))) << "it is not there";
    EXPECT_EQ(discards.records(), 998U);
    EXPECT_EQ(discards.all()->size(), 998U);
    ASSERT_TRUE(sim_.await(discards.clear()));
    EXPECT_EQ(discards.records(), 0U);
    EXPECT_EQ(discards.all()->size(), 0U);
}

}  // namespace
}  // namespace mill::lambda
