// SPDX-License-Identifier: Apache-2.0
#include "model/lane_positions.h"

#include <gtest/gtest.h>

namespace mill::model {
namespace {

TEST(LanePositions, TheLowestLaneIsTheCheckpoint) {
    LanePositions positions(5);
    positions.split(3);
    EXPECT_EQ(positions.text(), "5 5,5,5");
    positions.move(0, 9);
    positions.move(2, 7);
    EXPECT_EQ(positions.lowest(), 5u);
    EXPECT_EQ(positions.highest(), 9u);
    positions.move(1, 8);
    EXPECT_EQ(positions.text(), "7 9,8,7");
}

TEST(LanePositions, ALaneNeverGoesBack) {
    LanePositions positions(5);
    positions.move(0, 9);
    positions.move(0, 7);
    EXPECT_EQ(positions.text(), "9");
}

TEST(LanePositions, AnotherNumberOfLanesForgetsNothing) {
    LanePositions positions(0);
    positions.split(2);
    positions.move(0, 10);
    positions.move(1, 4);
    positions.split(1);
    EXPECT_EQ(positions.text(), "4 4;10,4");
    EXPECT_TRUE(positions.was_done_before(9, 2));
    EXPECT_FALSE(positions.was_done_before(10, 2));
    EXPECT_FALSE(positions.was_done_before(9, 3));
    positions.split(3);
    EXPECT_TRUE(positions.was_done_before(9, 4));
    for (std::size_t lane = 0; lane < 3; ++lane) positions.move(lane, 10);
    EXPECT_EQ(positions.text(), "10 10,10,10");
    EXPECT_FALSE(positions.was_done_before(9, 2));
}

TEST(LanePositions, TextIsReadBack) {
    for (const char* text : {"0", "17", "5 9,5", "4 4;10,4", "4 4,4,4;10,4;7"}) {
        const auto read = LanePositions::parse(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->text(), text);
    }
    for (const char* text : {"", "x", "5 ", "5 9", "5 9,", "5 5;", "-1", "5,6", "5 5 5",
                             "1 1,1,1,1,1,1,1,1,1,1,1", "18446744073709551616"}) {
        EXPECT_FALSE(LanePositions::parse(text)) << text;
    }
}

TEST(LaneHash, NeverChanges) {
    EXPECT_EQ(lane_hash(""), 0xcbf29ce484222325u);
    EXPECT_EQ(lane_hash("a"), 0xaf63dc4c8601ec8cu);
}

}  // namespace
}  // namespace mill::model
