// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world/workloads/rewind.h"

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

History::Delivery delivery(std::uint64_t number) {
    return {.key = "k",
            .number = number,
            .shard_id = "s",
            .sequence_number = std::to_string(100 + number)};
}

const Rewound to_second{
    .to = "102", .shards = {{"s", {{"101", "102", "103"}, 1, 1}}}, .asked = 10, .answered = 12};

TEST(RewindChecker, OnlyWhatIsProcessedAfterwardsCounts) {
    History history;
    history.invocations = {{.began = 3, .answered = 4, .records = {delivery(2), delivery(3)}}};
    EXPECT_EQ(not_processed_since(history, to_second), 2U);
    history.invocations.push_back({.began = 13, .records = {delivery(2), delivery(3)}});
    EXPECT_EQ(not_processed_since(history, to_second), 2U) << "nobody said yes";
    history.invocations.back().answered = 14;
    EXPECT_EQ(not_processed_since(history, to_second), 0U) << "the first is not due";
}

TEST(RewindChecker, WhatLiesBeforeIsNotDeliveredAgain) {
    History history;
    history.invocations = {{.began = 11, .answered = 12, .records = {delivery(1)}},
                           {.began = 13, .answered = 14, .records = {delivery(2)}}};
    EXPECT_THAT(rewind_violations(history, to_second), IsEmpty()) << "it was under way";
    history.invocations.push_back({.began = 15, .answered = 16, .records = {delivery(1)}});
    EXPECT_THAT(rewind_violations(history, to_second), ElementsAre(HasSubstr("k/1: delivered")));
}

}  // namespace
}  // namespace mill::sim
