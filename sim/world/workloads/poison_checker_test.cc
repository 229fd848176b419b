// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world/workloads/poison_record.h"

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

History history_of(std::initializer_list<std::uint64_t> numbers) {
    History history;
    for (const std::uint64_t number : numbers)
        history.puts.push_back({.key = "k", .number = number, .began = 1, .acknowledged = 2});
    return history;
}

TEST(PoisonChecker, EveryRecordIsHandledOrTold) {
    const History history = history_of({1, 3});
    const std::set<RecordId> put = {{"k", 1}, {"k", 3}};
    PoisonHistory seen{.handled = {{"k", 1}}, .told = {{{{"k", 3}}, "RetryAttemptsExhausted", 1}}};
    EXPECT_THAT(poison_violations(history, put, seen, false), IsEmpty());
    seen.told.clear();
    EXPECT_THAT(poison_violations(history, put, seen, false),
                ElementsAre(HasSubstr("k/3: put, but neither")));
}

TEST(PoisonChecker, WhatIsAcknowledgedIsInTheStream) {
    EXPECT_THAT(poison_violations(history_of({1}), {}, {}, false),
                ElementsAre(HasSubstr("k/1: acknowledged, not in")));
}

TEST(PoisonChecker, WhatIsFilteredIsSeenByNobody) {
    History history = history_of({20});
    EXPECT_THAT(poison_violations(history, {{"k", 20}}, {}, true), IsEmpty());
    history.invocations.push_back({.began = 3, .records = {{.key = "k", .number = 20}}});
    EXPECT_THAT(poison_violations(history, {{"k", 20}}, {}, true),
                ElementsAre(HasSubstr("filtered out")));
}

TEST(PoisonChecker, BisectingGivesUpNothingThatWasNotTriedAlone) {
    History history = history_of({1});
    PoisonHistory seen{.told = {{{{"k", 1}}, "RetryAttemptsExhausted", 1}}, .bisects = true};
    EXPECT_THAT(poison_violations(history, {{"k", 1}}, seen, false),
                ElementsAre(HasSubstr("never tried alone")));
    seen.cut_off_max = 1;
    EXPECT_THAT(poison_violations(history, {{"k", 1}}, seen, false), IsEmpty());
    seen.cut_off_max = 0;
    history.invocations.push_back({.began = 3, .records = {{.key = "k", .number = 1}}});
    EXPECT_THAT(poison_violations(history, {{"k", 1}}, seen, false), IsEmpty());
}

}  // namespace
}  // namespace mill::sim
