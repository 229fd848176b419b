// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/mill.h"
#include "app/root_keys.h"
#include "sim/machine/sim_machine.h"
#include "storage/record_batch.h"
#include "wire/value.h"

namespace mill::app {
namespace {

storage::Batch batch_of(const std::string& data) {
    storage::BatchBuilder builder;
    builder.add(from_epoch_ms(1000), "key", data);
    return builder.take();
}

TEST(OpenEngine, KeepsWhatWasAcknowledgedThroughAPowerLoss) {
    sim::SimMachine world(3);
    {
        auto engine = open_engine(world.machine(), "/home/ann/data", true);
        ASSERT_TRUE(engine) << engine.error().message;
        EXPECT_THAT(engine->durability, testing::HasSubstr("synced"));
        auto log = engine->logs->open_log("shard");
        ASSERT_TRUE(log);
        ASSERT_TRUE(world.await((*log)->append(batch_of("value"))));
        ASSERT_TRUE(world.await(engine->table->commit({.puts = {{"a/b", "row"}}})));
        world.power_loss();
    }
    auto engine = open_engine(world.machine(), "/home/ann/data", true);
    ASSERT_TRUE(engine) << engine.error().message;
    EXPECT_EQ(engine->table->get("a/b").value(), "row");
    auto log = engine->logs->open_log("shard");
    ASSERT_TRUE(log);
    EXPECT_EQ((*log)->bounds().next, 1u);
}

TEST(OpenEngine, DirectoryBelongsToOneServer) {
    sim::SimMachine world(4);
    auto first = open_engine(world.machine(), "/data", true);
    ASSERT_TRUE(first);
    const auto second = open_engine(world.machine(), "/data", true);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "io.locked");
    first = fail("", "");
    EXPECT_TRUE(open_engine(world.machine(), "/data", true));
}

TEST(OpenEngine, WithoutDirectoryItIsInMemory) {
    sim::SimMachine world(5);
    const auto engine = open_engine(world.machine(), "", true);
    ASSERT_TRUE(engine);
    EXPECT_THAT(engine->durability, testing::HasSubstr("memory"));
}

TEST(RootKeys, AreMadeOnceAndLookLikeAwsKeys) {
    sim::SimMachine world(6);
    Machine& machine = world.machine();
    ASSERT_TRUE(machine.files.make_directories("/data"));
    ASSERT_TRUE(ensure_root_key(machine, "/data"));
    const auto first = machine::read_file(machine.files, "/data/root-key.json");
    ASSERT_TRUE(first);
    const auto keys = wire::parse_json(*first);
    ASSERT_TRUE(keys);
    EXPECT_THAT(wire::text_of(*keys, "AccessKeyId"), testing::MatchesRegex("AKIA[A-Z2-7]*"));
    EXPECT_EQ(wire::text_of(*keys, "AccessKeyId").size(), 20u);
    EXPECT_EQ(wire::text_of(*keys, "SecretAccessKey").size(), 40u);
    ASSERT_TRUE(ensure_root_key(machine, "/data"));
    EXPECT_EQ(machine::read_file(machine.files, "/data/root-key.json"), first);
}

}  // namespace
}  // namespace mill::app
