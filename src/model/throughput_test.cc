// SPDX-License-Identifier: Apache-2.0
#include "model/throughput.h"

#include <gtest/gtest.h>

namespace mill::model {
namespace {

constexpr std::int64_t mib = 1 << 20;

Instant at(double seconds) {
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)) +
                   std::chrono::hours(1));
}

// How many of `bytes` are admitted in each millisecond of a span.
int written_between(WriteThroughput& writes, std::int64_t bytes, int from_ms, int to_ms) {
    int admitted = 0;
    for (int ms = from_ms; ms < to_ms; ++ms) {
        while (writes.admit(bytes, mib, at(ms / 1000.0))) ++admitted;
    }
    return admitted;
}

TEST(Throughput, AThousandRecordsASecondAreWritten) {
    WriteThroughput writes;
    written_between(writes, 100, 0, 1000);  // what was saved up goes first
    EXPECT_NEAR(written_between(writes, 100, 1000, 11'000), 10'000, 10);
}

TEST(Throughput, AMebibyteASecondIsWritten) {
    WriteThroughput writes;
    written_between(writes, mib / 8, 0, 1000);
    EXPECT_NEAR(written_between(writes, mib / 8, 1000, 11'000), 80, 1);
}

TEST(Throughput, ALargeRecordTakesWhatWasSavedUp) {
    WriteThroughput writes;
    const std::int64_t large = 10 * mib;
    EXPECT_TRUE(writes.admit(large, large, at(0)));
    EXPECT_FALSE(writes.admit(1, large, at(0)));
    EXPECT_TRUE(writes.admit(mib / 2, large, at(0.6)));
    EXPECT_FALSE(writes.admit(large, large, at(10.4)));
    EXPECT_TRUE(writes.admit(large, large, at(10.6)));
}

TEST(Throughput, FiveCallsASecondRead) {
    ReadThroughput reads;
    int admitted = 0;
    for (int ms = 0; ms < 10'000; ++ms) admitted += reads.admit(at(ms / 1000.0));
    EXPECT_EQ(admitted, 50);
}

TEST(Throughput, ACallThatReturnedTenMebibytesClosesTheShardForFiveSeconds) {
    ReadThroughput reads;
    EXPECT_TRUE(reads.admit(at(0)));
    reads.returned(10 * mib);
    EXPECT_FALSE(reads.admit(at(4.99)));
    EXPECT_TRUE(reads.admit(at(5.01)));
}

TEST(Throughput, TwoMebibytesASecondAreRead) {
    ReadThroughput reads;
    std::int64_t bytes = 0;
    for (int ms = 0; ms < 10'000; ++ms) {
        if (!reads.admit(at(ms / 1000.0))) continue;
        reads.returned(mib);
        bytes += mib;
    }
    EXPECT_EQ(bytes, 20 * mib);
}

TEST(Throughput, CallsAreCountedBySeconds) {
    CallRate rate;
    int admitted = 0;
    for (int ms = 0; ms < 10'000; ++ms) admitted += rate.admit(5, at(ms / 1000.0));
    EXPECT_EQ(admitted, 50);
}

}  // namespace
}  // namespace mill::model
