// SPDX-License-Identifier: Apache-2.0
// The judge of the crash test is awake.
#include "tests/crash/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::crash {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Judge : public ::testing::Test {
  protected:
    // Two acknowledged, one that nobody knows about.
    std::vector<Put> all_ = {
        {.key = "a-1", .bytes = 1, .began = 1, .acknowledged = 2, .shard = "s", .number = "10"},
        {.key = "b-1", .bytes = 1, .began = 3, .acknowledged = 4, .shard = "s", .number = "11"},
        {.key = "c-1", .bytes = 1, .began = 5}};
    Shard read_ = {{.number = "10", .key = "a-1"}, {.number = "11", .key = "b-1"}};
    Shard seen_;

    std::vector<std::string> verdict() const {
        Puts puts;
        for (const Put& put : all_) puts.emplace(put.key, &put);
        return judge("stream/s", "s", read_, puts, seen_);
    }
};

TEST_F(Judge, IsContentWithWhatWasAcknowledged) { EXPECT_THAT(verdict(), IsEmpty()); }

TEST_F(Judge, IsContentIfARecordInDoubtIsThere) {
    read_.push_back({.number = "12", .key = "c-1"});
    EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(Judge, SeesALostRecord) {
    read_.erase(read_.begin());
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("a-1 (10) was acknowledged and is lost")));
}

TEST_F(Judge, SeesARecordThatIsThereTwice) {
    read_.push_back({.number = "12", .key = "c-1"});
    read_.push_back({.number = "13", .key = "c-1"});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("c-1 is there twice")));
}

TEST_F(Judge, SeesAnotherNumber) {
    read_[1].number = "12";
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("b-1 was acknowledged as 11 of s and is 12")));
}

TEST_F(Judge, SeesNumbersThatDoNotGrow) {
    read_.push_back({.number = "9", .key = "c-1"});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("9 is read after 11")));
}

TEST_F(Judge, SeesTheWrongOrder) {
    std::swap(all_[0].number, all_[1].number);
    std::swap(read_[0].key, read_[1].key);
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("b-1 was put after a-1 was acknowledged")));
}

TEST_F(Judge, SeesOtherBytes) {
    read_[0].is_whole = false;
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("a-1 has other bytes")));
}

TEST_F(Judge, SeesARecordThatNobodyPut) {
    read_.push_back({.number = "12", .key = "z-1"});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("z-1 was not put since")));
}

TEST_F(Judge, SeesThatAReaderSawMore) {
    seen_.push_back({.number = "12", .key = "c-1"});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("c-1 (12) was read before the kill and is lost")));
}

TEST_F(Judge, SeesThatARecordReadBeforeIsGone) {
    EXPECT_THAT(judge_again("s", read_, read_), IsEmpty());
    EXPECT_THAT(judge_again("s", read_, {read_[1]}), ElementsAre(HasSubstr("1 records are read")));
    EXPECT_THAT(judge_again("s", read_, {read_[1], read_[0]}),
                ElementsAre(HasSubstr("is not what it was")));
}

class JudgeOfDeliveries : public ::testing::Test {
  protected:
    Deliveries deliveries_{2};
    std::vector<std::string> violations_;

    void SetUp() override {
        deliveries_.know({{.number = "1"}, {.number = "2"}, {.number = "3"}, {.number = "4"}});
    }
    void deliver(std::vector<std::string> numbers) {
        deliveries_.deliver({.shard = "s", .numbers = std::move(numbers)}, violations_);
    }
};

TEST_F(JudgeOfDeliveries, IsContentWithARepeatedBatch) {
    deliver({"1", "2"});
    deliver({"1", "2"});
    EXPECT_FALSE(deliveries_.is_complete());
    deliver({"3", "4"});
    EXPECT_THAT(violations_, IsEmpty());
    EXPECT_TRUE(deliveries_.is_complete());
    EXPECT_EQ(deliveries_.repeated(), 2U);
}

TEST_F(JudgeOfDeliveries, SeesACheckpointThatWasAhead) {
    deliver({"1"});
    deliver({"3", "4"});
    EXPECT_THAT(violations_, ElementsAre(HasSubstr("3 was delivered before those ahead of it")));
}

TEST_F(JudgeOfDeliveries, SeesAGapInABatch) {
    deliver({"1", "2"});
    deliver({"1", "3"});
    EXPECT_THAT(violations_, ElementsAre(HasSubstr("3 does not follow")));
}

TEST_F(JudgeOfDeliveries, SeesACheckpointThatStandsStill) {
    deliver({"1", "2", "3"});
    deliver({"1"});
    EXPECT_THAT(violations_, ElementsAre(HasSubstr("1 was delivered long ago")));
}

TEST_F(JudgeOfDeliveries, SeesARecordThatIsNotThere) {
    deliver({"7"});
    EXPECT_THAT(violations_, ElementsAre(HasSubstr("7 was delivered and is not there")));
}

}  // namespace
}  // namespace mill::crash
