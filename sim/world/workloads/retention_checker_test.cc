// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/retention_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::sim {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct RetentionChecker : testing::Test {
    RetentionChecker() {
        put("brief", "a", hours(0));
        put("brief", "b", hours(30));
        put("lasting", "c", hours(0));
        look.earliest = look.latest = from_epoch_ms(0) + hours(40);
        see(1);
        see(2);
    }
    void put(const std::string& stream, const std::string& key, hours at) {
        puts.push_back({.stream = stream,
                        .key = key,
                        .data = "data of " + key,
                        .began = from_epoch_ms(0) + at,
                        .is_acknowledged = true,
                        .shard_id = "s",
                        .sequence_number = std::to_string(puts.size() + 1)});
    }
    void see(std::size_t n) {
        const KeptPut& put = puts[n];
        look.records[put.stream].push_back(
            {put.shard_id, put.sequence_number, put.key, put.data, put.began});
    }
    std::vector<std::string> violations() const {
        return retention_violations(puts, look, {{"brief", hours(24)}, {"lasting", hours(168)}});
    }
    std::vector<KeptPut> puts;
    Look look;
};

TEST_F(RetentionChecker, IsContentWithWhatIsRight) { EXPECT_THAT(violations(), IsEmpty()); }

TEST_F(RetentionChecker, MissesWhatIsKept) {
    look.records["lasting"].clear();
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("c: is gone")));
    puts[2].is_acknowledged = false;
    EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(RetentionChecker, SeesWhatIsKeptForTooLong) {
    look.records["brief"].clear();
    see(0);
    see(1);
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("beyond retention")));
}

TEST_F(RetentionChecker, SeesWhatIsWrongWithARecord) {
    see(1);
    EXPECT_THAT(violations(), testing::Contains(HasSubstr("is there twice")));
    look.records["brief"].pop_back();
    look.records["brief"].back().data = "other";
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("bytes have changed")));
    look.records["brief"].back().partition_key = "nobody's";
    EXPECT_THAT(violations(), testing::Contains(HasSubstr("nobody has put it")));
}

TEST_F(RetentionChecker, SeesRecordsOutOfOrder) {
    put("brief", "d", hours(30));
    look.records["brief"].clear();
    see(3);
    see(1);
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("is read after")));
}

TEST(RoomMax, GrowsWithWhatIsKept) {
    EXPECT_EQ(room_max(0, 100, 50, 10), 400u);
    EXPECT_EQ(room_max(50, 100, 50, 10), 1400u);
}

}  // namespace
}  // namespace mill::sim
