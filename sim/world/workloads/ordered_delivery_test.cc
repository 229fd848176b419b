// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/ordered_delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(OrderedDelivery, HoldsUnderCrashes) {
    Verdict total;
    for (Seed seed = 1; seed <= 100; ++seed) {
        const Verdict verdict = run_ordered_delivery(seed);
        ASSERT_THAT(verdict.violations, IsEmpty()) << "seed " << seed;
        EXPECT_FALSE(verdict.history.invocations.empty()) << "seed " << seed;
        total.power_losses += verdict.power_losses;
        total.crashes += verdict.crashes;
        total.runtime_crashes += verdict.runtime_crashes;
    }
    // The misfortunes did happen.
    EXPECT_GT(total.power_losses, 20);
    EXPECT_GT(total.crashes, 10);
    EXPECT_GT(total.runtime_crashes, 10);
}

TEST(OrderedDelivery, TheSameSeedGivesTheSameTrace) {
    const std::uint64_t first = run_ordered_delivery(7).trace_hash;
    EXPECT_EQ(first, run_ordered_delivery(7).trace_hash);
    EXPECT_NE(first, run_ordered_delivery(8).trace_hash);
}

// The checker is awake: one delivery taken out of a real history, it says so.
TEST(OrderedDelivery, ALostRecordWouldBeSeen) {
    History history = run_ordered_delivery(7).history;
    const std::string key = history.puts.back().key;
    const std::uint64_t number = history.puts.back().number;
    ASSERT_NE(history.puts.back().acknowledged, 0U);
    for (auto& invocation : history.invocations) {
        std::erase_if(invocation.records, [&](const auto& record) {
            return record.key == key && record.number == number;
        });
    }
    EXPECT_THAT(ordered_delivery_violations(history), ElementsAre(HasSubstr("never delivered")));
}

}  // namespace
}  // namespace mill::sim
