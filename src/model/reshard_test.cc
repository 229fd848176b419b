// SPDX-License-Identifier: Apache-2.0
#include "model/reshard.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mill::model {
namespace {

std::vector<OpenShard> fresh(std::uint32_t count) {
    std::vector<OpenShard> shards;
    for (std::uint32_t i = 0; i < count; ++i) shards.push_back({i, initial_range(i, count)});
    return shards;
}

// The open shards after the steps, each of which must be one that AWS would take.
std::vector<OpenShard> after(std::vector<OpenShard> open, const std::vector<ReshardStep>& steps,
                             std::int64_t next) {
    const auto take = [&open](std::int64_t index) {
        const auto found = std::ranges::find(open, index, &OpenShard::index);
        EXPECT_NE(found, open.end());
        const OpenShard shard = *found;
        open.erase(found);
        return shard.range;
    };
    for (const ReshardStep& step : steps) {
        if (const auto* split = std::get_if<Split>(&step)) {
            const HashRange range = take(split->shard);
            EXPECT_TRUE(may_split(range, split->at));
            open.push_back({next++, {range.first, split->at - 1}});
            open.push_back({next++, {split->at, range.last}});
        } else {
            const auto& merge = std::get<Merge>(step);
            const HashRange low = take(merge.shard);
            const HashRange high = take(merge.adjacent);
            EXPECT_TRUE(low.last + 1 == high.first);
            open.push_back({next++, {low.first, high.last}});
        }
    }
    std::ranges::sort(open, {}, [](const OpenShard& shard) { return shard.range.first; });
    return open;
}

TEST(PlanUniform, DoublingSplitsEachShardInItsMiddle) {
    const auto steps = plan_uniform(fresh(2), 4, 2);
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0], ReshardStep(Split{0, HashKey{1} << 126}));
    EXPECT_EQ(steps[1], ReshardStep(Split{1, HashKey{3} << 126}));
}

TEST(PlanUniform, HalvingMergesNeighbours) {
    const auto steps = plan_uniform(fresh(4), 2, 4);
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0], ReshardStep(Merge{0, 1}));
    EXPECT_EQ(steps[1], ReshardStep(Merge{2, 3}));
}

TEST(PlanUniform, OtherTargetsNeedShortLivedShards) {
    // Four splits and three merges: fifteen shards in all, as AWS makes them.
    EXPECT_EQ(plan_uniform(fresh(4), 5, 4).size(), 7U);
    EXPECT_EQ(plan_uniform(fresh(1), 3, 1).size(), 2U);
}

TEST(PlanUniform, NothingIsDoneForShardsThatAreUniform) {
    for (const std::uint32_t count : {1U, 3U, 7U, 1000U})
        EXPECT_TRUE(plan_uniform(fresh(count), count, count).empty());
}

TEST(PlanUniform, EveryTargetIsReached) {
    for (std::uint32_t count = 1; count <= 24; ++count) {
        for (std::uint32_t target = 1; target <= 48; ++target) {
            const auto steps = plan_uniform(fresh(count), target, count);
            const auto open = after(fresh(count), steps, count);
            ASSERT_EQ(open.size(), target) << count;
            HashKey next = 0;
            for (std::uint32_t i = 0; i < target; ++i) {
                EXPECT_TRUE(open[i].range.first == next);
                const HashKey wanted = initial_range(i, target).first;
                const HashKey distance = wanted > next ? wanted - next : next - wanted;
                EXPECT_TRUE(distance < 1'000'000) << count << " to " << target;
                next = open[i].range.last + 1;
            }
            EXPECT_TRUE(next == 0);  // 2^128
        }
    }
}

// Rounding differs from one count to the next: it must not add up to slivers of shards.
TEST(PlanUniform, RepeatedScalingMakesNoSlivers) {
    std::vector<OpenShard> open = fresh(3);
    std::int64_t next = 3;
    for (const std::uint32_t target : {6U, 12U, 24U, 12U, 6U, 3U}) {
        const auto before = static_cast<std::uint32_t>(open.size());
        const auto steps = plan_uniform(open, target, next);
        EXPECT_EQ(steps.size(), target > before ? before : target);
        open = after(open, steps, next);
        for (const OpenShard& shard : open) next = std::max(next, shard.index + 1);
        ASSERT_EQ(open.size(), target);
    }
}

TEST(PlanUniform, UnevenShardsBecomeEven) {
    const HashKey quarter = HashKey{1} << 126;
    const std::vector<OpenShard> uneven = {
        {3, {0, 9}}, {1, {10, quarter * 3}}, {2, {quarter * 3 + 1, hash_key_max}}};
    const auto open = after(uneven, plan_uniform(uneven, 2, 4), 4);
    ASSERT_EQ(open.size(), 2U);
    EXPECT_TRUE(open[1].range.first == quarter * 2);
}

TEST(MaySplit, EachChildHasTwoKeysAtLeast) {
    EXPECT_FALSE(may_split({10, 20}, 10));
    EXPECT_FALSE(may_split({10, 20}, 11));
    EXPECT_TRUE(may_split({10, 20}, 12));
    EXPECT_TRUE(may_split({10, 20}, 19));
    EXPECT_FALSE(may_split({10, 20}, 20));
    EXPECT_FALSE(may_split({10, 20}, 5));
}

}  // namespace
}  // namespace mill::model
