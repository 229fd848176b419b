// SPDX-License-Identifier: Apache-2.0
// Updates that are left as they fail, rolled back by hand, cancelled, and rollbacks that go on.
#include <gmock/gmock.h>

#include "services/cloudformation/cloudformation_fixture.h"

namespace mill::cloudformation {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

struct WithoutRollbackTest : CloudFormationTest {
    // Streams by logical id and name.
    static std::string streams(const std::map<std::string, std::string>& named) {
        Value resources = Value::map();
        std::string last;
        for (const auto& [id, name] : named) {
            resources[id]["Type"] = "AWS::Kinesis::Stream";
            resources[id]["Properties"]["Name"] = id;
            resources[id]["Properties"]["Value"] = name;
            if (!last.empty()) resources[id]["DependsOn"] = last;
            last = id;
        }
        return write_json(Value(Value::Map{{"Resources", resources}}));
    }
    void update_without_rollback(const std::string& text) {
        const auto made = call(
            "UpdateStack", {{"StackName", "s"}, {"TemplateBody", text}, {"DisableRollback", true}});
        ASSERT_TRUE(made) << made.error().message;
        settle();
    }
    std::vector<std::string> existing() {
        std::vector<std::string> out;
        for (const auto& [name, properties] : provider.existing)
            out.push_back(name + "=" + text_of(properties, "Value"));
        return out;
    }
    // A stream that another value of Immutable replaces, and a plain one after it.
    static std::string replaceable(const std::string& immutable, const std::string& more = "") {
        Value resources = Value::map();
        resources["R"]["Type"] = "AWS::Kinesis::Stream";
        resources["R"]["Properties"]["Immutable"] = immutable;
        if (!more.empty()) {
            resources[more]["Type"] = "AWS::Kinesis::Stream";
            resources[more]["DependsOn"] = "R";
        }
        return write_json(Value(Value::Map{{"Resources", resources}}));
    }
    std::vector<std::string> immutables() {
        std::vector<std::string> out;
        for (const auto& [name, properties] : provider.existing)
            out.push_back(text_of(properties, "Immutable"));
        return out;
    }
    void order(const std::string& operation, Value::Map more = {}) {
        more.emplace_back("StackName", "s");
        const auto done = call(operation, std::move(more));
        ASSERT_TRUE(done) << done.error().message;
        settle();
    }
};

TEST_F(WithoutRollbackTest, AFailedUpdateStaysAndTheNextOneGoesOn) {
    create(streams({{"A", "1"}, {"B", "1"}}));
    provider.failing = {"C"};
    update_without_rollback(streams({{"A", "2"}, {"B", "1"}, {"C", "1"}}));
    EXPECT_EQ(status(), "UPDATE_FAILED");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=2", "B=1"));
    provider.failing.clear();
    update_without_rollback(streams({{"A", "2"}, {"B", "1"}, {"C", "1"}}));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=2", "B=1", "C=1"));
}

TEST_F(WithoutRollbackTest, WhatTheFailedUpdateMadeGoesWhenItIsNotWantedAnyMore) {
    create(streams({{"A", "1"}}));
    provider.failing = {"C"};
    update_without_rollback(streams({{"A", "2"}, {"B", "1"}, {"C", "1"}}));
    update_without_rollback(streams({{"A", "3"}}));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=3"));
}

TEST_F(WithoutRollbackTest, RollbackStackGoesBackToWhatWasThereBeforeAllTries) {
    create(streams({{"A", "1"}}));
    provider.failing = {"C"};
    update_without_rollback(streams({{"A", "2"}, {"B", "1"}, {"C", "1"}}));
    update_without_rollback(streams({{"A", "3"}, {"B", "2"}, {"C", "1"}}));
    EXPECT_EQ(status(), "UPDATE_FAILED");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=3", "B=2"));
    order("RollbackStack");
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=1"));
}

TEST_F(WithoutRollbackTest, ACreationLeftAsItFailedIsUpdatedOrRolledBack) {
    provider.failing = {"B"};
    create(streams({{"A", "1"}, {"B", "1"}}), {{"DisableRollback", true}});
    EXPECT_EQ(status(), "CREATE_FAILED");
    provider.failing.clear();
    update_without_rollback(streams({{"A", "1"}, {"B", "2"}}));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=1", "B=2"));
    EXPECT_THAT(message(call("RollbackStack", {{"StackName", "s"}})),
                HasSubstr("is in UPDATE_COMPLETE state and can not be rolled back."));
}

TEST_F(WithoutRollbackTest, ACreationLeftAsItFailedIsRemovedByRollbackStack) {
    provider.failing = {"B"};
    create(streams({{"A", "1"}, {"B", "1"}}), {{"OnFailure", "DO_NOTHING"}});
    order("RollbackStack");
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_TRUE(provider.existing.empty());
}

TEST_F(WithoutRollbackTest, DeletingWhatAnUpdateLeftTakesWhatItHadDropped) {
    create(streams({{"A", "1"}, {"B", "1"}}));
    provider.failing = {"C"};
    update_without_rollback(streams({{"A", "2"}, {"C", "1"}}));
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    settle();
    EXPECT_TRUE(provider.existing.empty());
}

TEST_F(WithoutRollbackTest, ACancelledUpdateIsRolledBack) {
    create(streams({{"A", "1"}}));
    EXPECT_EQ(message(call("CancelUpdateStack", {{"StackName", "s"}})),
              "CancelUpdateStack cannot be called from current stack status");
    ASSERT_TRUE(call("UpdateStack", {{"StackName", "s"},
                                     {"TemplateBody", streams({{"A", "2"}, {"B", "1"}})},
                                     {"DisableRollback", true}}));
    order("CancelUpdateStack");
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(reason_of("s UPDATE_ROLLBACK_IN_PROGRESS"), "User Initiated");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=1"));
}

TEST_F(WithoutRollbackTest, AnUpdateIsCancelledAlsoDuringItsLastStep) {
    create(streams({{"A", "1"}}));
    provider.slow = {"B"};
    ASSERT_TRUE(call("UpdateStack",
                     {{"StackName", "s"}, {"TemplateBody", streams({{"A", "2"}, {"B", "1"}})}}));
    sim.run_for(std::chrono::seconds(1));
    EXPECT_THAT(provider.calls, Contains("create B"));
    order("CancelUpdateStack");
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=1"));
}

TEST_F(WithoutRollbackTest, WhatSeveralTriesReplacedGoes) {
    create(replaceable("1"));
    provider.failing = {"C"};
    update_without_rollback(replaceable("2", "C"));
    update_without_rollback(replaceable("3", "C"));
    EXPECT_EQ(existing().size(), 3u);
    update_without_rollback(replaceable("4"));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(immutables(), ElementsAre("4"));
}

TEST_F(WithoutRollbackTest, WhatSeveralTriesReplacedGoesWithARollback) {
    create(replaceable("1"));
    provider.failing = {"C"};
    update_without_rollback(replaceable("2", "C"));
    update_without_rollback(replaceable("3", "C"));
    order("RollbackStack");
    EXPECT_THAT(immutables(), ElementsAre("1"));
}

TEST_F(WithoutRollbackTest, WhatATryReplacedAndTheNextDroppedGoes) {
    create(replaceable("1"));
    provider.failing = {"C"};
    update_without_rollback(replaceable("2", "C"));
    update_without_rollback(streams({{"D", "1"}}));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(existing(), ElementsAre("D=1"));
}

TEST_F(WithoutRollbackTest, WhatATryMadeOfAFailedCreationAndTheNextDroppedGoes) {
    provider.failing = {"B"};
    create(streams({{"A", "1"}, {"B", "1"}}), {{"DisableRollback", true}});
    provider.failing = {"C"};
    update_without_rollback(streams({{"A", "1"}, {"B", "1"}, {"C", "1"}}));
    EXPECT_THAT(existing(), UnorderedElementsAre("A=1", "B=1"));
    update_without_rollback(streams({{"A", "1"}}));
    EXPECT_THAT(existing(), ElementsAre("A=1"));
}

TEST_F(WithoutRollbackTest, ARollbackThatFailedGoesOnOrPassesOver) {
    create(streams({{"A", "1"}, {"B", "1"}}));
    provider.failing = {"C"};
    update_without_rollback(streams({{"A", "2"}, {"B", "2"}, {"C", "1"}}));
    provider.failing = {"A"};
    order("RollbackStack");
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_FAILED");
    EXPECT_THAT(message(call("ContinueUpdateRollback",
                             {{"StackName", "s"}, {"ResourcesToSkip", Value::List{"B"}}})),
                HasSubstr("Resources [B] cannot be skipped"));
    order("ContinueUpdateRollback", {{"ResourcesToSkip", Value::List{"A"}}});
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_THAT(existing(), UnorderedElementsAre("A=2", "B=1"));
}

}  // namespace
}  // namespace mill::cloudformation
