// SPDX-License-Identifier: Apache-2.0
#include "model/batch_concurrency.h"

#include <gtest/gtest.h>

namespace mill::model {
namespace {

using std::chrono::milliseconds;

std::int64_t after(BatchConcurrency& batches, Duration time) {
    for (Instant now{}; now <= Instant{} + time; now += milliseconds(10)) batches.ask_for_more(now);
    return batches.limit();
}

TEST(BatchConcurrency, StartsWithFiveAndGrowsByThreeHundredAMinute) {
    BatchConcurrency batches({});
    EXPECT_EQ(batches.limit(), 5);
    EXPECT_EQ(batches.ask_for_more(Instant{}), Instant{} + milliseconds(200));
    EXPECT_EQ(after(batches, milliseconds(199)), 5);
    EXPECT_EQ(after(batches, milliseconds(200)), 6);
    BatchConcurrency others({});
    EXPECT_EQ(after(others, std::chrono::minutes(1)), 305);
    EXPECT_EQ(after(others, std::chrono::minutes(10)), queue_batches_max);
    EXPECT_EQ(others.ask_for_more(Instant{} + std::chrono::hours(1)), std::nullopt);
}

TEST(BatchConcurrency, StaysBelowItsMaximum) {
    BatchConcurrency two(2), seven(7);
    EXPECT_EQ(two.limit(), 2);
    EXPECT_EQ(after(two, std::chrono::minutes(1)), 2);
    EXPECT_EQ(after(seven, std::chrono::minutes(1)), 7);
}

TEST(BatchConcurrency, FailuresTakeItBackUntilOneSucceeds) {
    BatchConcurrency batches({});
    batches.note_failure();
    EXPECT_EQ(batches.limit(), 2);
    for (int i = 0; i < 5; ++i) batches.note_failure();
    EXPECT_EQ(batches.limit(), 1);
    batches.note_idle(0);  // what failed waits to be visible
    EXPECT_EQ(after(batches, std::chrono::minutes(1)), 1);
    batches.note_success();
    EXPECT_EQ(after(batches, milliseconds(400)), 3);
}

TEST(BatchConcurrency, AnEmptyQueueTakesItBackToTheStart) {
    BatchConcurrency batches({});
    after(batches, std::chrono::minutes(1));
    batches.note_idle(20);
    EXPECT_EQ(batches.limit(), 20);
    batches.note_idle(0);
    EXPECT_EQ(batches.limit(), 5);
}

}  // namespace
}  // namespace mill::model
