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
    // It runs until nothing is under way in any stack.
    void rest() {
        sim.run_until(
            [&] {
                return std::ranges::none_of(service->stacks().all(), [](const Stack* stack) {
                    return stack->running || is_in_progress(stack->row.status);
                });
            },
            100'000);
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

TEST_F(NestedStacksTest, ATemplateThatIsNotThereFailsTheResource) {
    order("CreateStack", outer("one", "", "http://127.0.0.1:4566/b/other"));
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_EQ(reason("N CREATE_FAILED"), "S3 error: The specified key does not exist.");
}

}  // namespace
}  // namespace mill::cloudformation
