// SPDX-License-Identifier: Apache-2.0
// The checker must fail on histories that break a promise: each test takes a good one and breaks
// it.
#include "sim/world/workloads/queue_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two messages of a group, received in order; the first one is deleted.
struct QueueChecker : testing::Test {
    QueueChecker() {
        for (const char* body : {"a", "b"}) {
            const auto began = history.tick();
            history.sends.push_back(
                {"q", "group", body, began, history.tick(), std::string("id-") + body});
        }
        for (const char* body : {"a", "b"})
            history.receptions.push_back({"q", body, std::string("id-") + body, history.tick()});
        history.deletions.push_back({"q", "id-a", history.tick()});
    }
    std::vector<std::string> violations() const { return queue_violations(history); }
    QueueHistory history;
};

TEST_F(QueueChecker, IsContentWithWhatIsRight) {
    history.receptions.push_back({"q", "b", "id-b", history.tick()});
    history.sends.push_back({"q", "group", "c", history.tick(), 0, ""});
    EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(QueueChecker, SeesALostMessage) {
    history.receptions.pop_back();
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("b: acknowledged, and never received")));
}

TEST_F(QueueChecker, SeesADeletedMessageComeBack) {
    history.receptions.push_back({"q", "a", "id-a", history.tick()});
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("a: was deleted, and is received again")));
    history.receptions.back().asked = 1;  // it was under way
    EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(QueueChecker, SeesAnInventedOrChangedMessage) {
    history.receptions[1].body = "x";
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("x: nobody has sent that"),
                                          HasSubstr("b: acknowledged, and never")));
}

TEST_F(QueueChecker, SeesTheWrongOrder) {
    std::swap(history.receptions[0], history.receptions[1]);
    history.deletions.clear();
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("b: received before what was sent before")));
}

TEST_F(QueueChecker, SeesAMessageTwice) {
    history.receptions.push_back({"q", "b", "id-other", history.tick()});
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("b: sent again, and is there twice")));
    history.clock_was_set = true;
    EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(QueueChecker, SeesAnotherId) {
    history.receptions[1].message_id = "id-other";
    EXPECT_THAT(violations(), ElementsAre(HasSubstr("b: received by another id")));
}

}  // namespace
}  // namespace mill::sim
