// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/lineage_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto last = ~LineageHistory::HashKey{0};
constexpr auto middle = LineageHistory::HashKey{1} << 127;

// One shard, then the same split in two, and a record put into the second child.
class LineageChecker : public ::testing::Test {
  protected:
    LineageChecker() {
        lineage_.listings.push_back({2, {{"s0", {}, 0, last, "100", ""}}});
        lineage_.listings.push_back({4,
                                     {{"s0", {}, 0, last, "100", "199"},
                                      {"s1", {"s0"}, 0, middle - 1, "200", ""},
                                      {"s2", {"s0"}, middle, last, "201", ""}}});
        lineage_.closed = {"s0"};
        history_.puts.push_back({.key = "b",  // MD5 92eb...
                                 .number = 1,
                                 .began = 5,
                                 .acknowledged = 6,
                                 .shard_id = "s2",
                                 .sequence_number = "250"});
    }
    LineageHistory::Shard& shard(std::size_t n) { return lineage_.listings[1].shards[n]; }
    std::vector<std::string> violations() { return lineage_violations(lineage_, history_); }

    LineageHistory lineage_;
    History history_;
};

TEST_F(LineageChecker, AcceptsASplit) { EXPECT_THAT(violations(), IsEmpty()); }

TEST_F(LineageChecker, AcceptsAMerge) {
    lineage_.listings.push_back({8,
                                 {{"s0", {}, 0, last, "100", "199"},
                                  {"s1", {"s0"}, 0, middle - 1, "200", "299"},
                                  {"s2", {"s0"}, middle, last, "201", "299"},
                                  {"s3", {"s1", "s2"}, 0, last, "300", ""}}});
    EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(LineageChecker, SeesAGapAndKeysThatAreNotShared) {
    shard(2).first = middle + 1;
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("a gap"), HasSubstr("do not share its keys")));
}

TEST_F(LineageChecker, SeesAnOpenParent) {
    shard(0).ending = "";
    EXPECT_THAT(violations(), ::testing::Contains(HasSubstr("has children and is open")));
}

TEST_F(LineageChecker, SeesNumbersThatGoBack) {
    shard(1).starting = "150";
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("do not begin behind")));
}

TEST_F(LineageChecker, SeesAPutIntoAClosedShard) {
    history_.puts[0].shard_id = "s0";
    history_.puts[0].sequence_number = "150";
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("after that was closed")));
}

TEST_F(LineageChecker, SeesAPutIntoTheWrongShard) {
    history_.puts[0].shard_id = "s1";
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("does not have its hash key")));
}

TEST_F(LineageChecker, SeesAReshardThatWasForgotten) {
    lineage_.listings.push_back(lineage_.listings[0]);
    EXPECT_THAT(violations(), ::testing::Contains(HasSubstr("s1: was listed before and is gone")));
    lineage_.listings.resize(1);
    EXPECT_THAT(violations(), ::testing::Contains(HasSubstr("is open still")));
}

}  // namespace
}  // namespace mill::sim
