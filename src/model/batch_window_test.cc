// SPDX-License-Identifier: Apache-2.0
#include "model/batch_window.h"

#include <gtest/gtest.h>

namespace mill::model {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(BatchWindow, WithoutAWindowWhatIsThereIsSentAtOnce) {
    EXPECT_EQ(decide_window({.records_max = 10}, {.records = 1}, Instant(seconds(1))),
              WindowDecision(Fire{}));
}

TEST(BatchWindow, WaitsForTheRestOfTheWindowFromTheFirstRecord) {
    const BatchLimits limits{.records_max = 10, .window = seconds(5)};
    const Gathered one{.records = 1, .first_taken = Instant(seconds(100))};
    EXPECT_EQ(decide_window(limits, one, Instant(seconds(102))),
              WindowDecision(WaitForRecords{Instant(seconds(105))}));
    EXPECT_EQ(decide_window(limits, one, Instant(seconds(105))), WindowDecision(Fire{}));
}

TEST(BatchWindow, AFullBatchDoesNotWait) {
    const BatchLimits limits{.records_max = 10, .window = seconds(300)};
    const Instant now(seconds(1));
    EXPECT_EQ(decide_window(limits, {.records = 10, .first_taken = now}, now),
              WindowDecision(Fire{}));
    EXPECT_EQ(
        decide_window(limits, {.records = 2, .next_does_not_fit = true, .first_taken = now}, now),
        WindowDecision(Fire{}));
    EXPECT_EQ(decide_window(limits, {.records = 2, .source_ended = true, .first_taken = now}, now),
              WindowDecision(Fire{}));
}

TEST(BatchWindow, AnEmptyBatchIsNeverSent) {
    EXPECT_EQ(decide_window({.window = milliseconds(1)}, {}, Instant(seconds(100))),
              WindowDecision(WaitForRecords{}));
}

struct Taking {
    const char* what;
    Gathered before;
    std::uint64_t bytes;
    bool is_in_time_window;
    Gathered after;
    bool takes_more;
};

TEST(BatchWindow, RecordsAreTakenInUpToTheLimits) {
    const BatchLimits limits{.records_max = 3, .bytes_max = 100};
    const Taking table[] = {
        {"the first", {}, 10, true, {.records = 1, .bytes = 10}, true},
        {"the last that the number allows",
         {.records = 2, .bytes = 20},
         10,
         true,
         {.records = 3, .bytes = 30},
         false},
        {"up to the last byte",
         {.records = 1, .bytes = 60},
         40,
         true,
         {.records = 2, .bytes = 100},
         true},
        {"a byte too many",
         {.records = 1, .bytes = 60},
         41,
         true,
         {.records = 1, .bytes = 60, .next_does_not_fit = true},
         false},
        {"one alone, whatever its size",
         {.bytes = 5},
         1000,
         true,
         {.records = 1, .bytes = 1005},
         true},
        {"one of the next time window",
         {.records = 1, .bytes = 10},
         10,
         false,
         {.records = 1, .bytes = 10, .next_does_not_fit = true},
         false},
    };
    for (const Taking& row : table) {
        Gathered gathered = row.before;
        EXPECT_EQ(gathered.add(limits, row.bytes, row.is_in_time_window), row.takes_more)
            << row.what;
        EXPECT_EQ(gathered, row.after) << row.what;
    }
}

}  // namespace
}  // namespace mill::model
