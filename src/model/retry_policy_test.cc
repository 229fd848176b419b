// SPDX-License-Identifier: Apache-2.0
#include "model/retry_policy.h"

#include <gtest/gtest.h>

namespace mill::model {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Judge, SuccessAdvances) {
    EXPECT_TRUE(std::holds_alternative<Advance>(judge({}, 10, Succeeded{}, 3, 0)));
}

TEST(Judge, FailureRetriesForEverByDefault) {
    const Verdict verdict = judge({}, 10, FunctionFailed{}, 5000, 0);
    ASSERT_TRUE(std::holds_alternative<Retry>(verdict));
    EXPECT_EQ(std::get<Retry>(verdict).from, 0u);
    EXPECT_TRUE(std::get<Retry>(verdict).counts);
}

TEST(Judge, AttemptsAreOnePlusTheMaximumOfRetries) {
    const RetryPolicy policy{.retry_attempts_max = 2};
    EXPECT_TRUE(std::holds_alternative<Retry>(judge(policy, 1, FunctionFailed{}, 0, 0)));
    EXPECT_TRUE(std::holds_alternative<Retry>(judge(policy, 1, FunctionFailed{}, 1, 0)));
    EXPECT_TRUE(std::holds_alternative<Discard>(judge(policy, 1, FunctionFailed{}, 2, 0)));
    EXPECT_TRUE(std::holds_alternative<Discard>(
        judge({.retry_attempts_max = 0}, 1, FunctionFailed{}, 0, 0)));
}

TEST(Judge, ThrottlesConsumeNoRetry) {
    const Verdict verdict = judge({.retry_attempts_max = 0}, 1, NotRun{}, 0, 0);
    ASSERT_TRUE(std::holds_alternative<Retry>(verdict));
    EXPECT_FALSE(std::get<Retry>(verdict).counts);
}

TEST(Judge, BisectsBeforeItCountsAndNotASingleRecord) {
    const RetryPolicy policy{.retry_attempts_max = 0, .bisect_on_error = true};
    const Verdict verdict = judge(policy, 5, FunctionFailed{}, 0, 0);
    ASSERT_TRUE(std::holds_alternative<Bisect>(verdict));
    EXPECT_EQ(std::get<Bisect>(verdict).middle, 2u);
    EXPECT_TRUE(std::holds_alternative<Discard>(judge(policy, 1, FunctionFailed{}, 0, 0)));
}

TEST(Judge, AReportedFailureKeepsWhatSucceededBeforeIt) {
    const RetryPolicy policy{.retry_attempts_max = 1, .report_item_failures = true};
    const Verdict progress = judge(policy, 10, FailedFrom{4}, 1, 0);
    ASSERT_TRUE(std::holds_alternative<Retry>(progress));
    EXPECT_EQ(std::get<Retry>(progress).from, 4u);
    EXPECT_TRUE(std::holds_alternative<Discard>(judge(policy, 10, FailedFrom{0}, 1, 0)));
}

TEST(RetryDelay, AboutEightAttemptsInTheFirstMinute) {
    Duration total{0};
    for (int failures = 0; failures < 7; ++failures) total += retry_delay(failures, 0.5);
    EXPECT_GT(total, seconds(55));
    EXPECT_LT(total, seconds(70));
    EXPECT_LE(retry_delay(1'000'000, 0.999), seconds(66));
}

TEST(RecordAge, IsOverWhenTheTimeUntilThenHasPassed) {
    const RetryPolicy policy{.record_age_max_s = 60};
    const WallTime arrival{seconds(1000)};
    for (const seconds later : {seconds(0), seconds(59), seconds(60)}) {
        const WallTime now = arrival + later;
        EXPECT_FALSE(is_over_age(policy, arrival, now));
        const auto left = std::chrono::ceil<milliseconds>(until_over_age(policy, arrival, now));
        EXPECT_TRUE(is_over_age(policy, arrival, now + left));
        EXPECT_FALSE(is_over_age(policy, arrival, now + left - milliseconds(1)));
    }
    EXPECT_EQ(until_over_age(policy, arrival, arrival + seconds(90)), Duration{0});
    EXPECT_EQ(until_over_age(RetryPolicy{}, arrival, arrival), Duration::max());
}

}  // namespace
}  // namespace mill::model
