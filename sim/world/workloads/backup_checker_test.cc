// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/backup_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::sim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Two puts before the backup, one beside it, one after it.
struct BackupChecker : testing::Test {
    BackupChecker() {
        put("a", "s");
        put("b", "s");
        backup = {.directory = "/backup", .began = history.tick(), .ended = 0};
        put("c", "s");
        backup.ended = history.tick();
        put("d", "s");
        see("a");
        see("b");
        see("c");
        restored.checkpoints = {{"shard", 3, 3}};
    }
    void put(const std::string& key, const std::string& stream) {
        const auto began = history.tick();
        history.puts.push_back({.stream = stream,
                                .key = key,
                                .data = "data of " + key,
                                .began = began,
                                .acknowledged = history.tick(),
                                .shard_id = "shard",
                                .sequence_number = std::to_string(history.puts.size() + 1)});
    }
    void see(const std::string& key) {
        const auto put = std::ranges::find(history.puts, key, &WritingHistory::Put::key);
        restored.records[put->stream].push_back(
            {put->shard_id, put->sequence_number, put->key, put->data, {}});
    }
    void forget(std::size_t index) {
        auto& records = restored.records["s"];
        records.erase(records.begin() + static_cast<std::ptrdiff_t>(index));
    }
    std::vector<std::string> violations() const {
        return backup_violations(history, backup, restored);
    }
    WritingHistory history;
    BackupTaken backup;
    RestoredState restored;
};

TEST_F(BackupChecker, IsContentWithWhatIsRight) {
    EXPECT_THAT(violations(), IsEmpty());
    forget(2);
    EXPECT_THAT(violations(), IsEmpty()) << "what was acknowledged beside it may be missing";
}

TEST_F(BackupChecker, MissesWhatWasAcknowledgedBefore) {
    forget(1);
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("b in s: was acknowledged before the backup")));
    history.deletions["s"] = backup.began + 1;
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("b in s: was acknowledged")))
        << "the stream is there, so all of it must be";
    restored.records.clear();
    EXPECT_THAT(violations(), IsEmpty()) << "it may be gone as a whole";
    history.deletions["s"] = backup.ended + 1;
    EXPECT_FALSE(violations().empty());
}

TEST_F(BackupChecker, SeesMoreThanOneMoment) {
    history.puts[1].acknowledged = backup.began + 1;
    history.puts[2].began = backup.began + 2;
    history.puts[2].acknowledged = backup.began + 3;
    backup.ended = backup.began + 4;
    forget(1);
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("b in s: is missing, and what began later")));
}

// The records of one moment, what is kept beside them of another.
TEST_F(BackupChecker, SeesTwoMoments) {
    forget(2);  // c, which ended at
    const auto after_c = history.puts[2].acknowledged + 1;
    history.marks = {{"m", after_c, after_c}};
    EXPECT_THAT(violations(), IsEmpty());
    restored.marks = {"m"};
    backup.ended = after_c + 1;
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("c in s: is missing, and what began later")));
    see("c");
    EXPECT_THAT(violations(), IsEmpty());
    history.marks = {{"m", backup.began, history.puts[2].began - 1}};
    EXPECT_THAT(violations(), IsEmpty());
    restored.marks = {};
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("m: is missing, and what began later")));
}

TEST_F(BackupChecker, JudgesMarksLikeRecords) {
    history.marks = {{"m", 1, 2}};
    restored.marks = {"m"};
    EXPECT_THAT(violations(), IsEmpty());
    restored.marks = {};
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("m: was acknowledged before the backup")));
    history.marks = {{"m", backup.ended + 1, 0}};
    EXPECT_THAT(violations(), IsEmpty());
    restored.marks = {"m"};
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("m: nobody had asked for it")));
}

TEST_F(BackupChecker, SeesWhatNobodyHadSent) {
    see("d");
    EXPECT_THAT(violations(), Contains(HasSubstr("d: nobody had sent it")));
}

TEST_F(BackupChecker, SeesWhatIsWrongWithARecord) {
    auto& records = restored.records["s"];
    records[1].data = "other";
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("b: its bytes have changed")));
    records[1].data = "data of b";
    std::swap(records[0], records[1]);
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("1 is read after 2")));
    std::swap(records[0], records[1]);
    records[2].sequence_number = "9";
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("c: lies at another place")));
    see("a");
    EXPECT_THAT(violations(), Contains(HasSubstr("a: is there twice")));
}

TEST_F(BackupChecker, SeesACheckpointThatIsAhead) {
    restored.checkpoints[0].position = 4;
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("stands at 4 of 3 records")));
}

}  // namespace
}  // namespace mill::sim
