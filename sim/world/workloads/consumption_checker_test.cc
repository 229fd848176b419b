// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/consumption_checker.h"

#include <gmock/gmock.h>

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

QueueHistory three_sends() {
    QueueHistory sent;
    for (const char* body : {"m1.x", "m2.x"})
        sent.sends.push_back({.queue = "q", .body = body, .began = 1, .acknowledged = 2});
    sent.sends.push_back({.queue = "q", .body = "m3.x", .began = 1});  // nobody knows
    return sent;
}

TEST(ConsumptionChecker, WhatWasHandledOrIsADeadLetterIsAccountedFor) {
    EXPECT_THAT(consumption_violations(three_sends(),
                                       {.invocations = {}, .handled = {"m1.x"}, .dead = {"m2.x"}}),
                IsEmpty());
    EXPECT_THAT(
        consumption_violations(three_sends(), {.invocations = {}, .handled = {"m1.x"}, .dead = {}}),
        ElementsAre(HasSubstr("m2: neither")));
}

TEST(ConsumptionChecker, OneBatchOfAGroupIsInFlight) {
    const auto overlap = [](const char* group, QueueHistory::Moment ended) {
        return consumption_violations(
            {}, {.invocations = {{{"m1.x"}, {"q/a"}, 1, ended}, {{"m2.x"}, {group}, 3, 4}},
                 .handled = {},
                 .dead = {}});
    };
    EXPECT_THAT(overlap("q/a", 5), ElementsAre(HasSubstr("m2: delivered while")));
    EXPECT_THAT(overlap("q/b", 5), IsEmpty());
    EXPECT_THAT(overlap("q/a", 2), IsEmpty());
    EXPECT_THAT(overlap("q/a", 0), IsEmpty());  // a crash ended it
}

}  // namespace
}  // namespace mill::sim
