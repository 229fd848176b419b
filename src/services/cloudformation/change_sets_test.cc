// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/cloudformation_fixture.h"

namespace mill::cloudformation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view stream_and_reader = R"({"Resources":{
    "Stream":{"Type":"AWS::Kinesis::Stream","Properties":{"Shards":1}},
    "Reader":{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"Source":{"Fn::GetAtt":["Stream","Arn"]}}}}})";
constexpr std::string_view two_shards = R"({"Resources":{
    "Stream":{"Type":"AWS::Kinesis::Stream","Properties":{"Shards":2}},
    "Reader":{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"Source":{"Fn::GetAtt":["Stream","Arn"]}}}}})";
constexpr std::string_view new_stream = R"({"Resources":{
    "Stream":{"Type":"AWS::Kinesis::Stream","Properties":{"Shards":1,"Immutable":"x"}},
    "Reader":{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"Source":{"Fn::GetAtt":["Stream","Arn"]}}}}})";
constexpr std::string_view other_reader = R"({"Resources":{
    "Stream":{"Type":"AWS::Kinesis::Stream","Properties":{"Shards":1}},
    "Second":{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"Source":{"Fn::GetAtt":["Stream","Arn"]}}}}})";
constexpr std::string_view bad_function = R"({"Transform":"AWS::Serverless-2016-10-31","Resources":{
    "F":{"Type":"AWS::Serverless::Function","Properties":{"Handler":"h.h","Runtime":"python3.11"}}}})";
constexpr std::string_view good_function =
    R"({"Transform":"AWS::Serverless-2016-10-31","Resources":{
    "F":{"Type":"AWS::Serverless::Function",
         "Properties":{"Handler":"h.h","Runtime":"python3.11","CodeUri":"s3://b/k"}}}})";

class ChangeSetsTest : public CloudFormationTest {
  protected:
    Result<Value> propose(std::string_view text, std::string type, Value::Map more = {}) {
        more.emplace_back("StackName", "s");
        more.emplace_back("ChangeSetName", "c");
        more.emplace_back("TemplateBody", text);
        more.emplace_back("ChangeSetType", std::move(type));
        return call("CreateChangeSet", std::move(more));
    }
    Value change_set(std::string name = "c") {
        auto result = call("DescribeChangeSet", {{"StackName", "s"}, {"ChangeSetName", name}});
        EXPECT_TRUE(result) << message(result);
        return result ? *result : Value();
    }
    // "Action LogicalId Replacement"
    std::vector<std::string> changes() {
        const Value described = change_set();
        std::vector<std::string> out;
        for (const Value& change : *described.find("Changes")->items()) {
            const Value& resource = *change.find("ResourceChange");
            out.push_back(fmt::format("{} {} {}", text_of(resource, "Action"),
                                      text_of(resource, "LogicalResourceId"),
                                      text_of(resource, "Replacement", "-")));
        }
        return out;
    }
    Result<Value> execute(std::string name = "c") {
        auto result = call("ExecuteChangeSet", {{"StackName", "s"}, {"ChangeSetName", name}});
        settle();
        return result;
    }
};

TEST_F(ChangeSetsTest, ANewStackIsReviewedThenMade) {
    ASSERT_TRUE(propose(stream_and_reader, "CREATE"));
    EXPECT_EQ(status(), "REVIEW_IN_PROGRESS");
    EXPECT_EQ(reason_of("s REVIEW_IN_PROGRESS"), "User Initiated");
    EXPECT_THAT(provider.calls, IsEmpty());
    EXPECT_EQ(text_of(change_set(), "Status"), "CREATE_COMPLETE");
    EXPECT_EQ(text_of(change_set(), "ExecutionStatus"), "AVAILABLE");
    EXPECT_THAT(changes(), ElementsAre("Add Stream -", "Add Reader -"));

    ASSERT_TRUE(execute());
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_THAT(provider.calls, ElementsAre("create Stream", "create Reader"));
    EXPECT_EQ(text_of(change_set(), "ExecutionStatus"), "EXECUTE_COMPLETE");
    EXPECT_EQ(text_of(describe(), "ChangeSetId"), text_of(change_set(), "ChangeSetId"));
}

TEST_F(ChangeSetsTest, AChangeInPlaceSaysWhichPropertyAndWhy) {
    ASSERT_TRUE(create(stream_and_reader));
    ASSERT_TRUE(propose(two_shards, "UPDATE"));
    EXPECT_THAT(changes(), ElementsAre("Modify Stream False"));
    const Value described = change_set();
    const Value& change = *(*described.find("Changes")->items())[0].find("ResourceChange");
    const Value& detail = (*change.find("Details")->items())[0];
    EXPECT_EQ(text_of(*detail.find("Target"), "Name"), "Shards");
    EXPECT_EQ(text_of(*detail.find("Target"), "RequiresRecreation"), "Never");
    EXPECT_EQ(text_of(detail, "ChangeSource"), "DirectModification");
    ASSERT_TRUE(execute());
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_EQ(provider.calls.back(), "update Stream");
}

TEST_F(ChangeSetsTest, AReplacementReachesWhoRefersToIt) {
    ASSERT_TRUE(create(stream_and_reader));
    ASSERT_TRUE(propose(new_stream, "UPDATE"));
    EXPECT_THAT(changes(), ElementsAre("Modify Stream True", "Modify Reader False"));
    const Value described = change_set();
    const Value& change = *(*described.find("Changes")->items())[1].find("ResourceChange");
    const Value& detail = (*change.find("Details")->items())[0];
    EXPECT_EQ(text_of(detail, "Evaluation"), "Dynamic");
    EXPECT_EQ(text_of(detail, "CausingEntity"), "Stream.Arn");
}

TEST_F(ChangeSetsTest, WhatIsNoLongerNamedIsRemoved) {
    ASSERT_TRUE(create(stream_and_reader));
    ASSERT_TRUE(propose(other_reader, "UPDATE"));
    EXPECT_THAT(changes(), ElementsAre("Add Second -", "Remove Reader -"));
}

TEST_F(ChangeSetsTest, WithoutChangesItFailsInTheWordsThatClientsMatch) {
    ASSERT_TRUE(create(stream_and_reader));
    ASSERT_TRUE(propose(stream_and_reader, "UPDATE"));
    EXPECT_EQ(text_of(change_set(), "Status"), "FAILED");
    EXPECT_EQ(text_of(change_set(), "ExecutionStatus"), "UNAVAILABLE");
    EXPECT_EQ(text_of(change_set(), "StatusReason"),
              "The submitted information didn't contain changes. Submit different information to "
              "create a change set.");
    const auto refused = execute();
    EXPECT_EQ(refused.error().code, "InvalidChangeSetStatus");
    EXPECT_THAT(message(refused),
                HasSubstr("cannot be executed in its current status of [FAILED]"));
}

TEST_F(ChangeSetsTest, WhatOnlyATransformFindsFailsLater) {
    ASSERT_TRUE(propose(bad_function, "CREATE"));
    EXPECT_EQ(text_of(change_set(), "Status"), "FAILED");
    EXPECT_THAT(text_of(change_set(), "StatusReason"),
                HasSubstr("Transform AWS::Serverless-2016-10-31 failed with: "));
}

TEST_F(ChangeSetsTest, CapabilitiesOfATransformedTemplateAreMissedLater) {
    ASSERT_TRUE(propose(good_function, "CREATE"));
    EXPECT_EQ(text_of(change_set(), "StatusReason"), "Requires capabilities : [CAPABILITY_IAM]");
}

TEST_F(ChangeSetsTest, ABadTemplateIsRefusedAndLeavesNothing) {
    const auto refused = propose(R"({"Resources":{}})", "CREATE");
    EXPECT_EQ(message(refused),
              "Template format error: At least one Resources member must be defined.");
    EXPECT_THAT(service->stacks().all(), IsEmpty());
}

TEST_F(ChangeSetsTest, TypesFitTheStack) {
    EXPECT_EQ(message(propose(stream_and_reader, "UPDATE")), "Stack [s] does not exist");
    ASSERT_TRUE(create(stream_and_reader));
    EXPECT_EQ(message(propose(two_shards, "CREATE")),
              "Stack [s] already exists and cannot be created again with the changeSet [c].");
}

TEST_F(ChangeSetsTest, ANameIsTakenUntilItIsExecuted) {
    ASSERT_TRUE(propose(stream_and_reader, "CREATE"));
    EXPECT_EQ(propose(two_shards, "CREATE").error().code, "AlreadyExistsException");
    ASSERT_TRUE(execute());
    ASSERT_TRUE(propose(two_shards, "UPDATE"));
    EXPECT_EQ(text_of(change_set(), "ExecutionStatus"), "AVAILABLE");
}

TEST_F(ChangeSetsTest, ExecutingOneEndsTheOthers) {
    ASSERT_TRUE(create(stream_and_reader));
    ASSERT_TRUE(propose(two_shards, "UPDATE"));
    ASSERT_TRUE(
        call("CreateChangeSet",
             {{"StackName", "s"}, {"ChangeSetName", "other"}, {"TemplateBody", new_stream}}));
    ASSERT_TRUE(execute());
    EXPECT_EQ(
        call("DescribeChangeSet", {{"StackName", "s"}, {"ChangeSetName", "other"}}).error().code,
        "ChangeSetNotFound");
    EXPECT_EQ(execute().error().code, "InvalidChangeSetStatus");
}

TEST_F(ChangeSetsTest, SurvivesACrash) {
    ASSERT_TRUE(propose(stream_and_reader, "CREATE"));
    crash();
    EXPECT_EQ(status(), "REVIEW_IN_PROGRESS");
    EXPECT_THAT(changes(), ElementsAre("Add Stream -", "Add Reader -"));
    ASSERT_TRUE(execute());
    crash();
    EXPECT_EQ(text_of(change_set(), "ExecutionStatus"), "EXECUTE_COMPLETE");
    EXPECT_EQ(status(), "CREATE_COMPLETE");
}

TEST_F(ChangeSetsTest, IsDeletedByNameAndWithItsStack) {
    ASSERT_TRUE(propose(stream_and_reader, "CREATE"));
    ASSERT_TRUE(call("DeleteChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}}));
    ASSERT_TRUE(call("DeleteChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}}));
    ASSERT_TRUE(propose(stream_and_reader, "CREATE"));
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    settle();
    EXPECT_EQ(
        call("DescribeChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}}).error().message,
        "Stack [s] does not exist");
}

TEST_F(ChangeSetsTest, ANameNeedsItsStack) {
    EXPECT_EQ(message(call("DescribeChangeSet", {{"ChangeSetName", "c"}})),
              "StackName must be specified if ChangeSetName is not specified as an ARN.");
}

}  // namespace
}  // namespace mill::cloudformation
