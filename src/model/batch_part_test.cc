// SPDX-License-Identifier: Apache-2.0
#include "model/batch_part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::model {
namespace {

using ::testing::ElementsAre;

// Records [2, 7) of a batch, on which four invocations have failed; one more is judged.
constexpr BatchPart part{.begin = 2, .end = 7, .failures = 4, .throttles = 3, .invocations = 5};
constexpr auto spent = DiscardReason::retry_attempts_exhausted;
constexpr auto aged = DiscardReason::record_age_exceeded;

struct Row {
    const char* what;
    Verdict verdict;
    Settled settled;
};

const Row rows[] = {
    {"it succeeded", Advance{}, {.left = {}, .given_up = {}, .done = 7}},
    {"all of it failed",
     Retry{.from = 0, .counts = true},
     {.left = {{.begin = 2, .end = 7, .failures = 5, .throttles = 3, .invocations = 5}},
      .given_up = {},
      .done = 2}},
    {"it was throttled",
     Retry{.from = 0, .counts = false},
     {.left = {{.begin = 2, .end = 7, .failures = 4, .throttles = 4, .invocations = 5}},
      .given_up = {},
      .done = 2}},
    {"two records succeeded: a new batch, with the failure that was just reported",
     Retry{.from = 2, .counts = true},
     {.left = {{.begin = 4, .end = 7, .failures = 1, .throttles = 0, .invocations = 1}},
      .given_up = {},
      .done = 4}},
    {"halves use up no retry, and get none back",
     Bisect{.middle = 2},
     {.left = {{.begin = 2, .end = 4, .failures = 4}, {.begin = 4, .end = 7, .failures = 4}},
      .given_up = {},
      .done = 2}},
    {"its retries are used up",
     Discard{0, 5, spent},
     {.left = {},
      .given_up = {{.begin = 2, .end = 7, .failures = 4, .throttles = 3, .invocations = 5}},
      .done = 7}},
    {"its retries are used up, but one record had succeeded",
     Discard{1, 5, spent},
     {.left = {},
      .given_up = {{.begin = 3, .end = 7, .failures = 4, .throttles = 3, .invocations = 5}},
      .done = 7}},
    {"two records are too old: the others go on as they were",
     Discard{0, 2, aged},
     {.left = {{.begin = 4, .end = 7, .failures = 4, .throttles = 3, .invocations = 5}},
      .given_up = {{.begin = 2, .end = 4, .failures = 4, .throttles = 3, .invocations = 5}},
      .done = 4}},
    {"all are too old",
     Discard{0, 5, aged},
     {.left = {},
      .given_up = {{.begin = 2, .end = 7, .failures = 4, .throttles = 3, .invocations = 5}},
      .done = 7}},
};

TEST(BatchPart, IsSettledAsTheVerdictSays) {
    for (const Row& row : rows) EXPECT_TRUE(settle(part, row.verdict) == row.settled) << row.what;
}

// Whatever the verdict: no record is lost, none is there twice, and what is done with comes first.
TEST(BatchPart, AccountsForEveryRecord) {
    for (const Row& row : rows) {
        const Settled settled = settle(part, row.verdict);
        std::size_t at = settled.done;
        for (const BatchPart& left : settled.left) {
            EXPECT_EQ(left.begin, at) << row.what;
            EXPECT_LT(left.begin, left.end) << row.what;
            at = left.end;
        }
        EXPECT_EQ(at, part.end) << row.what;
        if (settled.given_up) EXPECT_EQ(settled.given_up->end, settled.done) << row.what;
    }
}

// A function that fails on one record, until every record is handled or given up: each is there
// exactly once, in order, wherever the record is and whatever the size of the batch.
TEST(BatchPart, BisectingGivesUpThePoisonedRecordOnly) {
    const RetryPolicy policy{.retry_attempts_max = 1, .bisect_on_error = true};
    for (std::size_t size = 1; size <= 17; ++size) {
        for (std::size_t poison = 0; poison < size; ++poison) {
            std::vector<BatchPart> parts = {{.begin = 0, .end = size}};
            std::size_t done = 0;
            std::vector<BatchPart> given_up;
            while (!parts.empty()) {
                const BatchPart next = parts.back();
                parts.pop_back();
                ASSERT_EQ(next.begin, done) << size << " " << poison;
                const bool fails = next.begin <= poison && poison < next.end;
                const BatchOutcome outcome =
                    fails ? BatchOutcome(FunctionFailed{}) : BatchOutcome(Succeeded{});
                const Settled settled =
                    settle(next, judge(policy, next.size(), outcome, next.failures, 0));
                for (auto left = settled.left.rbegin(); left != settled.left.rend(); ++left)
                    parts.push_back(*left);
                if (settled.given_up) given_up.push_back(*settled.given_up);
                done = settled.done;
            }
            EXPECT_EQ(done, size);
            EXPECT_THAT(given_up,
                        ElementsAre(BatchPart{.begin = poison, .end = poison + 1, .failures = 1}))
                << size << " " << poison;
        }
    }
}

struct Record {
    WallTime arrival;
    std::uint64_t position = 0;
};

TEST(Expired, CountsTheLeadingRecordsThatAreTooOldOrNoLongerKept) {
    const std::vector<Record> records = {
        {from_epoch_ms(0), 10}, {from_epoch_ms(30'000), 11}, {from_epoch_ms(100'000), 12}};
    const RetryPolicy minute{.record_age_max_s = 60};
    const struct {
        RetryPolicy policy;
        std::int64_t now_ms;
        std::optional<std::uint64_t> horizon;
        std::size_t expired;
    } cases[] = {
        {minute, 60'000, {}, 0},  // to the millisecond
        {minute, 60'001, {}, 1},
        {minute, 90'000, {}, 1},
        {minute, 100'000, {}, 2},
        {minute, 160'001, {}, 3},
        {{}, 1'000'000'000, {}, 0},
        {{}, 0, 10, 0},  // the horizon is kept
        {{}, 0, 12, 2},
        {{}, 0, 99, 3},
        {minute, 60'001, 10, 1},
        {minute, 60'001, 12, 2},
        {minute, 100'000, 11, 2},
    };
    for (const auto& one : cases)
        EXPECT_EQ(expired(one.policy, records, from_epoch_ms(one.now_ms), one.horizon), one.expired)
            << one.now_ms << " " << one.horizon.value_or(0);
    const std::vector<Record> reversed(records.rbegin(), records.rend());
    EXPECT_EQ(expired(minute, reversed, from_epoch_ms(100'000), {}), 0u) << "a young one leads";
}

}  // namespace
}  // namespace mill::model
