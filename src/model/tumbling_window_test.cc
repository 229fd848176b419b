// SPDX-License-Identifier: Apache-2.0
#include "model/tumbling_window.h"

#include <gtest/gtest.h>

namespace mill::model {
namespace {

using std::chrono::seconds;

TEST(TumblingWindow, StartsAreMultiplesOfItsLength) {
    const TimeWindow window = window_at(from_epoch_ms(1'607'497'475'000), seconds(120));
    EXPECT_EQ(iso8601_s(window.start), "2020-12-09T07:04:00Z");
    EXPECT_EQ(iso8601_s(window.end), "2020-12-09T07:06:00Z");
    EXPECT_EQ(window_at(window.start, seconds(120)), window);
    EXPECT_EQ(window_at(window.end, seconds(120)).start, window.end);
    EXPECT_TRUE(window.contains(window.start));
    EXPECT_FALSE(window.contains(window.end));
}

TEST(TumblingWindow, IsOverWhenARecordBeyondItComesOrItsTimeHasPassed) {
    const TimeWindow window = window_at(from_epoch_ms(60'000), seconds(10));
    const WallTime within = from_epoch_ms(65'000);
    const WallTime beyond = from_epoch_ms(70'000);
    const WallTime late = beyond + window_grace;
    EXPECT_FALSE(window_is_over(window, within, false, within, seconds(1)));
    EXPECT_FALSE(window_is_over(window, within, true, late, seconds(1)))
        << "a late record still belongs to it";
    EXPECT_TRUE(window_is_over(window, beyond, false, within, seconds(1)));
    EXPECT_FALSE(window_is_over(window, {}, false, beyond, seconds(1)));
    EXPECT_TRUE(window_is_over(window, {}, false, late, seconds(1)));
    EXPECT_TRUE(window_is_over(window, {}, true, within, seconds(1)));
    EXPECT_TRUE(window_is_over(window, {}, false, within, seconds(11)));
}

}  // namespace
}  // namespace mill::model
