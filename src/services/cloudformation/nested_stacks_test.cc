// SPDX-License-Identifier: Apache-2.0
// Stacks as resources of stacks: made, changed, rolled back and removed with their parent.
#include <gmock/gmock.h>

#include "services/cloudformation/cloudformation_fixture.h"

namespace mill::cloudformation {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr auto inner = R"({"Parameters": {"P": {"Type": "String", "Default": "none"}},
    "Resources": {"S": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": {"Ref": "P"}}}},
    "Outputs": {"Name": {"Value": {"Ref": "S"}}, "Arn": {"Value": {"Fn::GetAtt": ["S", "Arn"]}}}})";

struct NestedStacksTest : CloudFormationTest {
    NestedStacksTest() { objects.objects["b/inner"] = inner; }
    static std::string outer(const std::string& name = "one", const std::string& more = "",
                             const std::string& url = "http://127.0.0.1:4566/b/inner") {
        return fmt::format(
            R"({{"Resources": {{"N": {{"Type": "AWS::CloudFormation::Stack", "Properties": {{
                "TemplateURL": "{}", "Parameters": {{"P": "{}"}}}}}}{}}},
                "Outputs": {{"Inner": {{"Value": {{"Fn::GetAtt": ["N", "Outputs.Arn"]}}}}}}}})",
            url, name, more);
    }
    void order(const std::string& operation, const std::string& text) {
        const auto made = call(operation, {{"StackName", "s"}, {"TemplateBody", text}});
        ASSERT_TRUE(made) << made.error().message;
        rest();
    }
    // With one more stream, made after the other.
    void replace_inner() {
        std::string changed = inner;
        changed.insert(changed.find("\"S\": {"),
                       R"("More": {"Type": "AWS::Kinesis::Stream", "DependsOn": "S",
                                   "Properties": {"Name": "more"}}, )");
        objects.objects["b/inner"] = changed;
    }
    const StackRow& nested() {
        for (const Stack* stack : service->stacks().all()) {
            if (stack->row.parent_id) return stack->row;
        }
        ADD_FAILURE() << "there is no nested stack";
        std::abort();
    }
    std::string parent_id() { return text_of(describe(), "StackId"); }
    std::string reason(std::string_view event) {
        auto result = call("DescribeStackEvents", {{"StackName", parent_id()}});
        for (const Value& one : *result->find("StackEvents")->items()) {
            if (text_of(one, "LogicalResourceId") + " " + text_of(one, "ResourceStatus") == event)
                return text_of(one, "ResourceStatusReason");
        }
        return "<no such event>";
    }
};

TEST_F(NestedStacksTest, AreMadeNamedAndAskedForTheirOutputs) {
    order("CreateStack", outer());
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_EQ(text_of((*describe().find("Outputs")->items())[0], "OutputValue"), "arn:one");
    EXPECT_THAT(nested().name, MatchesRegex("s-N-[0-9A-Z]+"));
    const Value described = describe(nested().name);
    EXPECT_EQ(text_of(described, "ParentId"), parent_id());
    EXPECT_EQ(text_of(described, "RootId"), parent_id());
    EXPECT_EQ(provider.existing.count("one"), 1u);
}

TEST_F(NestedStacksTest, AreUpdatedAlsoWhenOnlyTheirTemplateHasChanged) {
    order("CreateStack", outer());
    order("UpdateStack", outer("two"));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    std::string changed = inner;
    changed.insert(changed.find("\"Outputs\": {") + 12, R"("More": {"Value": "x"}, )");
    objects.objects["b/inner"] = changed;
    order("UpdateStack", outer("two", R"(, "T": {"Type": "AWS::Kinesis::Stream"})"));
    EXPECT_EQ(nested().now.outputs.size(), 3u);
}

TEST_F(NestedStacksTest, AFailureInsideFailsTheParentAndLeavesNothing) {
    provider.failing = {"S"};
    order("CreateStack", outer());
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_THAT(reason("N CREATE_FAILED"), StartsWith("Embedded stack arn:aws:cloudformation:"));
    EXPECT_THAT(reason("N CREATE_FAILED"),
                HasSubstr("was not successfully created: The following resource(s) failed to "
                          "create: [S]. "));
    EXPECT_EQ(nested().status, "DELETE_COMPLETE");
    EXPECT_TRUE(provider.existing.empty());
}

TEST_F(NestedStacksTest, ALaterFailureInTheParentBringsTheNestedOneBack) {
    order("CreateStack", outer());
    provider.failing = {"T"};
    order("UpdateStack",
          outer("two", R"(, "T": {"Type": "AWS::Kinesis::Stream", "DependsOn": "N"})"));
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(nested().status, "UPDATE_COMPLETE");
    EXPECT_EQ(nested().now.parameters[0].value, "one");
}

TEST_F(NestedStacksTest, AnInnerTemplateThatIsWrongIsToldAsTheReason) {
    objects.objects["b/inner"] = R"({"Resources": {"S": {"Type": "AWS::X::Y"}}})";
    order("CreateStack", outer());
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_THAT(reason("N CREATE_FAILED"),
                StartsWith("Template format error: Unrecognized resource types: [AWS::X::Y]"));
    EXPECT_EQ(service->stacks().all().size(), 1u);
}

TEST_F(NestedStacksTest, GoWithTheirParent) {
    order("CreateStack", outer());
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    rest();
    EXPECT_EQ(nested().status, "DELETE_COMPLETE");
    EXPECT_TRUE(provider.existing.empty());
}

TEST_F(NestedStacksTest, ACrashWhileOneIsMadeIsTakenUp) {
    provider.hang_after = {"S"};
    ASSERT_TRUE(call("CreateStack", {{"StackName", "s"}, {"TemplateBody", outer()}}));
    sim.run_for(std::chrono::seconds(1));
    crash();
    rest();
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_EQ(service->stacks().all().size(), 2u);
}

TEST_F(NestedStacksTest, OneThatWasLeftAsItFailedIsTriedAgainWithItsParent) {
    provider.failing = {"S"};
    ASSERT_TRUE(call("CreateStack",
                     {{"StackName", "s"}, {"TemplateBody", outer()}, {"DisableRollback", true}}));
    rest();
    EXPECT_EQ(status(), "CREATE_FAILED");
    EXPECT_EQ(nested().status, "CREATE_FAILED");
    provider.failing.clear();
    order("UpdateStack", outer());
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_EQ(nested().status, "UPDATE_COMPLETE");
    EXPECT_EQ(provider.existing.count("one"), 1u);
}

TEST_F(NestedStacksTest, ALaterFailureBringsBackATemplateThatIsNotInS3AnyMore) {
    order("CreateStack", outer());
    replace_inner();
    provider.failing = {"T"};
    order("UpdateStack",
          outer("one", R"(, "T": {"Type": "AWS::Kinesis::Stream", "DependsOn": "N"})"));
    EXPECT_THAT(provider.calls, Contains("create More"));
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(nested().now.body, inner);
    EXPECT_EQ(provider.existing.count("more"), 0u);
}

TEST_F(NestedStacksTest, ATemplateThatFailsInsideIsNotTriedAgainOnTheWayBack) {
    order("CreateStack", outer());
    replace_inner();
    provider.failing = {"More"};
    order("UpdateStack", outer("two"));
    EXPECT_EQ(std::ranges::count(provider.calls, "create More"), 1);
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(nested().status, "UPDATE_ROLLBACK_COMPLETE");
}

TEST_F(NestedStacksTest, ARollbackInsideThatFailedGoesOnWithItsParents) {
    order("CreateStack", outer());
    replace_inner();
    provider.slow = {"More"};
    ASSERT_TRUE(call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", outer("two")}}));
    sim.run_for(std::chrono::seconds(1));
    provider.failing = {"More", "S"};
    rest();
    EXPECT_EQ(nested().status, "UPDATE_ROLLBACK_FAILED");
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_FAILED");
    provider.failing.clear();
    ASSERT_TRUE(call("ContinueUpdateRollback", {{"StackName", "s"}}));
    rest();
    EXPECT_EQ(nested().status, "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(text_of(provider.existing.at("one"), "Name"), "one");
}

TEST_F(NestedStacksTest, OneThatContainsItselfComesToAnEnd) {
    objects.objects["b/inner"] = outer();
    order("CreateStack", outer());
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    for (const Stack* stack : service->stacks().all()) {
        if (stack->row.parent_id) EXPECT_EQ(stack->row.status, "DELETE_COMPLETE");
    }
}

// s nests N, which nests N, which has the streams.
struct TwoLevelsTest : NestedStacksTest {
    TwoLevelsTest() {
        objects.objects["b/middle"] = middle("one");
        order("CreateStack", top());
    }
    static std::string middle(const std::string& name) { return outer(name); }
    static std::string top(const std::string& more = "") {
        return fmt::format(R"({{"Resources": {{"N": {{"Type": "AWS::CloudFormation::Stack",
            "Properties": {{"TemplateURL": "http://127.0.0.1:4566/b/middle"}}}}{}}}}})",
                           more);
    }
    // The update of a stack looks into what it nests if it changes anything itself.
    static std::string with_more() { return top(R"(, "U": {"Type": "AWS::Kinesis::Stream"})"); }
    static std::string with_failing_end() {
        return top(R"(, "T": {"Type": "AWS::Kinesis::Stream", "DependsOn": "N"})");
    }
    const StackRow& lowest() {
        for (const Stack* stack : service->stacks().all()) {
            const Stack* parent = stack->row.parent_id
                                      ? service->stacks().find(caller, *stack->row.parent_id)
                                      : nullptr;
            if (parent && parent->row.parent_id) return stack->row;
        }
        ADD_FAILURE() << "there is no second level";
        std::abort();
    }
};

TEST_F(TwoLevelsTest, ARollbackBringsBackATemplateThatIsNotInS3AnyMoreOnBoth) {
    replace_inner();
    objects.objects["b/middle"] = middle("two");
    provider.failing = {"T"};
    order("UpdateStack", with_failing_end());
    EXPECT_THAT(provider.calls, Contains("create More"));
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(lowest().now.body, inner);
    EXPECT_EQ(lowest().now.parameters[0].value, "one");
    EXPECT_EQ(provider.existing.count("more"), 0u);
    EXPECT_EQ(provider.existing.count("one"), 1u);

    provider.failing.clear();  // what came back once is no reason to come back again
    order("UpdateStack", with_failing_end());
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_EQ(lowest().now.parameters[0].value, "two");
    EXPECT_EQ(provider.existing.count("more"), 1u);
}

TEST_F(TwoLevelsTest, ACrashOnTheWayBackIsTakenUp) {
    replace_inner();
    objects.objects["b/middle"] = middle("two");
    provider.failing = {"T"};
    provider.hang_before = {"More"};  // its removal, in the end
    ASSERT_TRUE(call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", with_more()}}));
    sim.run_for(std::chrono::seconds(1));
    provider.hang_before.clear();
    crash();
    rest();
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    provider.hang_before = {"More"};
    objects.objects["b/inner"] = inner;
    objects.objects["b/middle"] = middle("three");
    ASSERT_TRUE(call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", with_failing_end()}}));
    sim.run_for(std::chrono::seconds(1));
    provider.failing = {"T"};
    crash();
    rest();
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(lowest().now.parameters[0].value, "two");
    EXPECT_EQ(provider.existing.count("more"), 1u);
}

TEST_F(NestedStacksTest, AnUpdateThatWasBegunBeforeACrashIsNotReadAnew) {
    order("CreateStack", outer());
    replace_inner();
    provider.hang_before = {"More"};
    ASSERT_TRUE(call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", outer("two")}}));
    sim.run_for(std::chrono::seconds(1));
    ASSERT_EQ(nested().status, "UPDATE_IN_PROGRESS");
    objects.objects.clear();
    crash();
    rest();
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_EQ(provider.existing.count("more"), 1u);
}

TEST_F(NestedStacksTest, AnUpdateThatHadFailedBeforeACrashHasFailed) {
    order("CreateStack", outer());
    replace_inner();
    provider.failing = {"More"};
    ASSERT_TRUE(call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", outer("two")}}));
    sim.run_until([&] { return status(nested().name) == "UPDATE_ROLLBACK_COMPLETE"; }, 100'000);
    ASSERT_EQ(status(), "UPDATE_IN_PROGRESS");
    provider.failing.clear();
    crash();
    rest();
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_THAT(reason("N UPDATE_FAILED"), HasSubstr("Currently in UPDATE_ROLLBACK_COMPLETE"));
    EXPECT_EQ(nested().now.parameters[0].value, "one");

    order("UpdateStack", outer("two"));  // another update is begun
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_EQ(nested().now.parameters[0].value, "two");
}

TEST_F(TwoLevelsTest, CancellingTheOutermostCancelsAll) {
    replace_inner();
    objects.objects["b/middle"] = middle("two");
    provider.slow = {"More"};
    ASSERT_TRUE(call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", with_more()}}));
    sim.run_for(std::chrono::seconds(1));
    ASSERT_EQ(lowest().status, "UPDATE_IN_PROGRESS");
    ASSERT_TRUE(call("CancelUpdateStack", {{"StackName", "s"}}));
    rest();
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(nested().status, "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(lowest().status, "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(lowest().now.body, inner);
    EXPECT_EQ(provider.existing.count("more"), 0u);
}

TEST_F(TwoLevelsTest, WithoutRollbackAllAreLeftAsTheyFailedAndGoBackTogether) {
    replace_inner();
    objects.objects["b/middle"] = middle("two");
    provider.failing = {"More"};
    ASSERT_TRUE(
        call("UpdateStack",
             {{"StackName", "s"}, {"TemplateBody", with_more()}, {"DisableRollback", true}}));
    rest();
    EXPECT_EQ(status(), "UPDATE_FAILED");
    EXPECT_EQ(nested().status, "UPDATE_FAILED");
    EXPECT_EQ(lowest().status, "UPDATE_FAILED");
    ASSERT_TRUE(call("RollbackStack", {{"StackName", "s"}}));
    rest();
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(lowest().now.body, inner);
    EXPECT_EQ(lowest().now.parameters[0].value, "one");
}

TEST_F(NestedStacksTest, AnEmptyTemplateIsNoneAndNotTheOneBefore) {
    order("CreateStack", outer());
    objects.objects["b/inner"] = "";
    order("UpdateStack", outer("two"));
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_THAT(reason("N UPDATE_FAILED"), StartsWith("Template format error:"));
    const auto direct = call("UpdateStack", {{"StackName", "s"}, {"TemplateURL", "s3://b/inner"}});
    EXPECT_THAT(message(direct), StartsWith("Template format error:"));
}

TEST_F(NestedStacksTest, ATemplateThatIsNotThereFailsTheResource) {
    order("CreateStack", outer("one", "", "http://127.0.0.1:4566/b/other"));
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_EQ(reason("N CREATE_FAILED"), "S3 error: The specified key does not exist.");
}

}  // namespace
}  // namespace mill::cloudformation
