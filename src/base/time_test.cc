// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <gtest/gtest.h>

namespace mill {
namespace {

constexpr std::int64_t sample_ms = 1768232237123;  // 2026-01-12T15:37:17.123Z

TEST(Time, IsWrittenAsEachProtocolWants) {
    const WallTime time = from_epoch_ms(sample_ms);
    EXPECT_EQ(iso8601_ms(time), "2026-01-12T15:37:17.123Z");
    EXPECT_EQ(iso8601_s(time), "2026-01-12T15:37:17Z");
    EXPECT_EQ(iso8601_basic(time), "20260112T153717Z");
    EXPECT_EQ(http_date(time), "Mon, 12 Jan 2026 15:37:17 GMT");
    EXPECT_EQ(iso8601_ms(from_epoch_ms(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(iso8601_ms(from_epoch_ms(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(http_date(from_epoch_ms(1709164800000)), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(Time, IsReadInEveryForm) {
    const WallTime second = from_epoch_ms(1768232237000);
    EXPECT_EQ(parse_iso8601("2026-01-12T15:37:17.123Z"), from_epoch_ms(sample_ms));
    EXPECT_EQ(parse_iso8601("2026-01-12T15:37:17.1234567Z"), from_epoch_ms(sample_ms));
    EXPECT_EQ(parse_iso8601("2026-01-12T15:37:17.1Z"), from_epoch_ms(1768232237100));
    EXPECT_EQ(parse_iso8601("2026-01-12T15:37:17Z"), second);
    EXPECT_EQ(parse_iso8601("2026-01-12T15:37:17"), second);
    EXPECT_EQ(parse_iso8601("2026-01-12 15:37:17"), second);
    EXPECT_EQ(parse_iso8601("20260112T153717Z"), second);
    EXPECT_EQ(parse_iso8601("2026-01-12T17:37:17+02:00"), second);
    EXPECT_EQ(parse_iso8601("2026-01-12T10:07:17-0530"), second);
    EXPECT_EQ(parse_iso8601("2026-01-12"), from_epoch_ms(1768176000000));
}

TEST(Time, IsRefusedWhenItIsNone) {
    for (const char* text :
         {"", "now", "2026", "2026-13-01", "2026-02-29", "2026-01-12T", "2026-01-12T25:00:00Z",
          "2026-01-12T15:60:00Z", "2026-01-12T15:37:17.Z", "2026-01-12T15:37:17Zx",
          "2026-01-12T15:37:17+2", "2026-0112", "1545084650"}) {
        EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace mill
