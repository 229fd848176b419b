// SPDX-License-Identifier: Apache-2.0
// The checker must fail on checkpoints that break the promise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world/workloads/checkpoint_never_ahead.h"

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::map<std::string, std::vector<std::string>> shards = {{"shard", {"1", "2"}}};

// One batch of both records, that began at 1 and was answered at 2.
History history() {
    History made;
    History::Invocation invocation{.began = made.tick(), .answered = made.tick()};
    for (const std::uint64_t number : {1, 2})
        invocation.records.push_back({"key", number, "shard", std::to_string(number)});
    made.invocations.push_back(invocation);
    return made;
}

std::vector<std::string> judge(std::vector<CheckpointSample> samples) {
    return checkpoint_violations(history(), samples, shards);
}

TEST(CheckpointChecker, AcceptsACheckpointAfterTheAnswer) {
    const std::vector<CheckpointSample> samples = {{2, "shard", 0, 0, 1}, {3, "shard", 2, 9, 1}};
    EXPECT_THAT(judge(samples), IsEmpty());
    EXPECT_THAT(checkpoints_left_behind(samples, shards), IsEmpty());
}

TEST(CheckpointChecker, SeesACheckpointBeforeTheAnswer) {
    EXPECT_THAT(judge({{1, "shard", 2, 0, 1}}),
                ElementsAre(HasSubstr("passed record 0"), HasSubstr("passed record 1")));
}

TEST(CheckpointChecker, SeesACheckpointBeyondTheEnd) {
    EXPECT_THAT(judge({{3, "shard", 3, 0, 1}}), ElementsAre(HasSubstr("3 of 2 records")));
}

TEST(CheckpointChecker, SeesAStandingCheckpointGoBackButNotAFreshOne) {
    EXPECT_THAT(judge({{3, "shard", 2, 0, 1}, {4, "shard", 2, 9000, 1}, {5, "shard", 0, 9001, 2}}),
                ElementsAre(HasSubstr("went back from 2 to 0")));
    EXPECT_THAT(judge({{3, "shard", 2, 0, 1}, {4, "shard", 0, 10, 2}}), IsEmpty());
}

TEST(CheckpointChecker, SeesACheckpointLeftBehind) {
    EXPECT_THAT(checkpoints_left_behind({{3, "shard", 1, 0, 1}}, shards),
                ElementsAre(HasSubstr("stands at 1 of 2")));
}

}  // namespace
}  // namespace mill::sim
