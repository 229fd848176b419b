// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/fan_out_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two consumers that got all of one shard.
class FanOutChecker : public ::testing::Test {
  protected:
    FanOutChecker() {
        history_.stored["s0"] = {{"1", "a"}, {"2", "b"}, {"3", "c"}};
        history_.got["one"]["s0"] = history_.got["two"]["s0"] = history_.stored["s0"];
        history_.acknowledged = {{"s0", {"1", "a"}}, {"s0", {"2", "b"}}};
    }
    std::vector<FanOutHistory::Record>& got() { return history_.got["two"]["s0"]; }

    FanOutHistory history_;
};

TEST_F(FanOutChecker, AcceptsWhatIsWhole) {
    EXPECT_THAT(fan_out_violations(history_), IsEmpty());
    got().pop_back();  // nobody knows of it yet
    EXPECT_THAT(fan_out_violations(history_), IsEmpty());
}

TEST_F(FanOutChecker, SeesALostRecord) {
    got().erase(got().begin() + 1);
    EXPECT_THAT(fan_out_violations(history_),
                ElementsAre(HasSubstr("two got c (3) of s0 where b (2) lies"),
                            HasSubstr("two never got b")));
}

TEST_F(FanOutChecker, SeesARecordThatComesTwice) {
    got().push_back(got().back());
    EXPECT_THAT(fan_out_violations(history_), ElementsAre(HasSubstr("where nothing lies")));
}

TEST_F(FanOutChecker, SeesDisorder) {
    std::swap(got()[0], got()[1]);
    EXPECT_THAT(fan_out_violations(history_), ElementsAre(HasSubstr("two got b (2)")));
}

TEST_F(FanOutChecker, SeesARecordThatIsGone) {
    history_.stored["s0"].pop_back();
    EXPECT_THAT(fan_out_violations(history_),
                ElementsAre(HasSubstr("one got c (3)"), HasSubstr("two got c (3)")));
}

}  // namespace
}  // namespace mill::sim
