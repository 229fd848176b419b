// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/world/workloads/rewind.h"

namespace mill::sim {
namespace {

TEST(RewindChecker, OnlyWhatIsProcessedAfterwardsCounts) {
    History history;
    history.puts.push_back({.key = "k", .number = 1, .began = 1, .acknowledged = 2});
    history.invocations.push_back(
        {.began = 3, .answered = 4, .records = {{.key = "k", .number = 1}}});
    EXPECT_EQ(not_processed_since(history, 0), 0u);
    EXPECT_EQ(not_processed_since(history, 5), 1u);
    history.invocations.push_back({.began = 6, .records = {{.key = "k", .number = 1}}});
    EXPECT_EQ(not_processed_since(history, 5), 1u);
    history.invocations.back().answered = 7;
    EXPECT_EQ(not_processed_since(history, 5), 0u);
}

}  // namespace
}  // namespace mill::sim
