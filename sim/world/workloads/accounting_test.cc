// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/accounting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const RecordId a{"k", 1}, b{"k", 2}, c{"k", 3};

TEST(Accounting, EveryRecordThatWasPutHasAFate) {
    Accounts accounts{.put = {a, b, c}, .delivered = {a}, .filtered = {b}, .discarded = {c}};
    EXPECT_THAT(accounting_violations(accounts), IsEmpty());
    EXPECT_THAT(unaccounted(accounts), IsEmpty());
    accounts.delivered.clear();
    EXPECT_THAT(accounting_violations(accounts), ElementsAre(HasSubstr("k/1: put, but neither")));
    EXPECT_THAT(unaccounted(accounts), ElementsAre(a));
}

TEST(Accounting, ARecordMayBeDeliveredAndDiscarded) {
    EXPECT_THAT(accounting_violations({.put = {a}, .delivered = {a}, .discarded = {a}}), IsEmpty());
}

TEST(Accounting, WhatTheFilterDropsHasNoOtherFate) {
    EXPECT_THAT(accounting_violations({.put = {a}, .delivered = {a}, .filtered = {a}}),
                ElementsAre(HasSubstr("delivered, but no filter")));
    EXPECT_THAT(accounting_violations({.put = {a}, .filtered = {a}, .discarded = {a}}),
                ElementsAre(HasSubstr("discarded, but no filter")));
}

TEST(Accounting, NothingIsInvented) {
    EXPECT_THAT(accounting_violations({.delivered = {a}}), ElementsAre(HasSubstr("no such")));
    EXPECT_THAT(accounting_violations({.discarded = {a}}), ElementsAre(HasSubstr("no such")));
}

}  // namespace
}  // namespace mill::sim
