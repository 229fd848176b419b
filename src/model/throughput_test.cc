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

// How many records of `bytes` are admitted when as many as possible are tried, each millisecond of
// a span.
int written_between(WriteThroughput& writes, std::int64_t bytes, int from_ms, int to_ms,
                    double scale = 1) {
    int admitted = 0;
    for (int ms = from_ms; ms < to_ms; ++ms) {
        while (writes.admit(bytes, mib, scale, at(ms / 1000.0))) ++admitted;
    }
    return admitted;
}

TEST(Throughput, AThousandRecordsASecondAreWritten) {
    WriteThroughput writes;
    // What was saved up goes first.
    EXPECT_NEAR(written_between(writes, 100, 0, 1000), 2000, 1);
    EXPECT_NEAR(written_between(writes, 100, 1000, 61'000), 60'000, 1);
}

TEST(Throughput, AMebibyteASecondIsWritten) {
    WriteThroughput writes;
    EXPECT_NEAR(written_between(writes, mib / 8, 0, 1000), 16, 1);
    EXPECT_NEAR(written_between(writes, mib / 8, 1000, 61'000), 480, 1);
}

TEST(Throughput, NoMoreThanASecondsShareIsSavedUp) {
    WriteThroughput writes;
    written_between(writes, 100, 0, 1000);
    EXPECT_NEAR(written_between(writes, 100, 100'000, 100'001), 1000, 1);
}

TEST(Throughput, ALargeRecordTakesWhatWasSavedUp) {
    WriteThroughput writes;
    const std::int64_t large = 10 * mib;
    EXPECT_TRUE(writes.admit(large, large, 1, at(0)));
    EXPECT_FALSE(writes.admit(1, large, 1, at(0)));
    EXPECT_TRUE(writes.admit(mib / 2, large, 1, at(0.6)));
    EXPECT_FALSE(writes.admit(large, large, 1, at(10.4)));
    EXPECT_TRUE(writes.admit(large, large, 1, at(10.6)));
}

TEST(Throughput, ARefusedRecordTakesNothing) {
    WriteThroughput writes;
    EXPECT_TRUE(writes.admit(mib - 10, mib, 1, at(0)));
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(writes.admit(mib, mib, 1, at(0)));
    EXPECT_TRUE(writes.admit(10, mib, 1, at(0)));
}

TEST(Throughput, FiveCallsASecondRead) {
    ReadThroughput reads;
    int admitted = 0;
    for (int ms = 0; ms < 60'000; ++ms) admitted += reads.admit(1, at(ms / 1000.0));
    EXPECT_EQ(admitted, 300);
}

TEST(Throughput, ACallThatReturnedTenMebibytesClosesTheShardForFiveSeconds) {
    ReadThroughput reads;
    EXPECT_TRUE(reads.admit(1, at(0)));
    reads.returned(10 * mib);
    EXPECT_FALSE(reads.admit(1, at(0.001)));
    EXPECT_FALSE(reads.admit(1, at(4.99)));
    EXPECT_TRUE(reads.admit(1, at(5)));
}

TEST(Throughput, TwoMebibytesASecondAreRead) {
    for (const std::int64_t bytes : {mib / 3, mib, 3 * mib, 7 * mib}) {
        ReadThroughput reads;
        std::int64_t total = 0;
        for (int ms = 0; ms < 60'000; ++ms) {
            if (!reads.admit(1, at(ms / 1000.0))) continue;
            reads.returned(bytes);
            total += bytes;
        }
        EXPECT_LE(total, 120 * mib + bytes) << bytes;
        // Five calls of a third of a mebibyte are less than the shard would give.
        EXPECT_GE(total, bytes < mib ? 300 * bytes : 119 * mib) << bytes;
    }
}

TEST(Throughput, CallsAreCountedBySeconds) {
    CallRate rate;
    int admitted = 0;
    for (int ms = 0; ms < 10'000; ++ms) admitted += rate.admit(5, at(ms / 1000.0));
    EXPECT_EQ(admitted, 50);
    EXPECT_FALSE(rate.is_idle(at(9.99)));
    EXPECT_TRUE(rate.is_idle(at(10)));
}

TEST(Throughput, AShardOfAScaledStreamTakesAndGivesMore) {
    WriteThroughput writes;
    written_between(writes, mib / 8, 0, 1000, 2.5);
    EXPECT_NEAR(written_between(writes, mib / 8, 1000, 11'000, 2.5), 200, 1);
    ReadThroughput reads;
    EXPECT_TRUE(reads.admit(2.5, at(0)));
    reads.returned(10 * mib);
    EXPECT_FALSE(reads.admit(2.5, at(1.99)));
    EXPECT_TRUE(reads.admit(2.5, at(2)));
}

TEST(Throughput, AStreamOnDemandIsReadyForTwiceItsPeakOfThirtyDays) {
    DemandPeak peak;
    const auto write_an_hour = [&](double from_s, std::int64_t mibps) {
        for (int s = 0; s < 3600; ++s) peak.wrote(mibps * mib, at(from_s + s));
    };
    EXPECT_EQ(peak.mibps(at(0)), 0);
    write_an_hour(0, 4);
    EXPECT_NEAR(peak.mibps(at(3600)), 4, 0.01);
    write_an_hour(3600, 6);
    write_an_hour(7200, 1);
    EXPECT_NEAR(peak.mibps(at(10'800)), 6, 0.01);
    constexpr double day = 86'400;
    write_an_hour(29 * day, 1);
    EXPECT_NEAR(peak.mibps(at(29 * day + 3600)), 6, 0.01);
    write_an_hour(31 * day, 1);
    EXPECT_NEAR(peak.mibps(at(31 * day + 3600)), 1, 0.01);
}

TEST(Throughput, ScaleIsSharedByTheShardsAndBoundedByTheRegion) {
    EXPECT_EQ(on_demand_scale({.shards = 4, .mibps_max = 200}), 1);
    EXPECT_EQ(on_demand_scale({.shards = 4, .peak_mibps = 4, .mibps_max = 200}), 2);
    EXPECT_EQ(on_demand_scale({.shards = 4, .warm_mibps = 100, .mibps_max = 200}), 25);
    EXPECT_EQ(on_demand_scale({.shards = 4, .peak_mibps = 1000, .mibps_max = 200}), 50);
    EXPECT_EQ(on_demand_scale({.shards = 400, .peak_mibps = 100, .mibps_max = 200}), 1);
}

}  // namespace
}  // namespace mill::model
