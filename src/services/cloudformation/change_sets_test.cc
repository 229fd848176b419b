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

TEST_F(ChangeSetsTest, ValuesAreShownToWhoAsksForThem) {
    const std::string secret = R"({"Parameters":{"P":{"Type":"String","NoEcho":true}},"Resources":{
        "Stream":{"Type":"AWS::Kinesis::Stream","DeletionPolicy":"Retain","Properties":{
            "Shards":%s,"Key":{"Fn::Sub":"is-${P}"}}}}})";
    const auto with = [&](const std::string& shards) {
        std::string text = secret;
        return text.replace(text.find("%s"), 2, shards);
    };
    const Value::List given{Value::Map{{"ParameterKey", "P"}, {"ParameterValue", "hidden"}}};
    ASSERT_TRUE(create(with("1"), {{"Parameters", given}}));
    ASSERT_TRUE(propose(with("2"), "UPDATE", {{"Parameters", given}}));
    const auto described =
        call("DescribeChangeSet",
             {{"StackName", "s"}, {"ChangeSetName", "c"}, {"IncludePropertyValues", true}});
    const Value& change = *(*described->find("Changes")->items())[0].find("ResourceChange");
    EXPECT_EQ(text_of(change, "BeforeContext"),
              R"({"Properties":{"Shards":1,"Key":"****"},"DeletionPolicy":"Retain"})");
    EXPECT_EQ(text_of(change, "AfterContext"),
              R"({"Properties":{"Shards":2,"Key":"****"},"DeletionPolicy":"Retain"})");
    const Value& target = *(*change.find("Details")->items())[0].find("Target");
    EXPECT_EQ(text_of(target, "Path"), "/Properties/Shards");
    EXPECT_EQ(text_of(target, "BeforeValue"), "1");
    EXPECT_EQ(text_of(target, "AfterValue"), "2");
    EXPECT_EQ(text_of(target, "AttributeChangeType"), "Modify");
    const std::string plain = write_json(change_set());
    for (const char* absent : {"Context", "BeforeValue", "AfterValue", "Path", "AttributeChange"})
        EXPECT_THAT(plain, testing::Not(HasSubstr(absent)));
}

TEST_F(ChangeSetsTest, WhatIsAddedAndRemovedShowsItsValues) {
    ASSERT_TRUE(create(stream_and_reader));
    ASSERT_TRUE(propose(other_reader, "UPDATE"));
    const auto described =
        call("DescribeChangeSet",
             {{"StackName", "s"}, {"ChangeSetName", "c"}, {"IncludePropertyValues", true}});
    const Value::List& all = *described->find("Changes")->items();
    EXPECT_THAT(text_of(*all[0].find("ResourceChange"), "AfterContext"), HasSubstr("arn:"));
    EXPECT_THAT(text_of(*all[1].find("ResourceChange"), "BeforeContext"), HasSubstr("Properties"));
    ASSERT_TRUE(call("DeleteChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}}));
    ASSERT_TRUE(propose(R"({"Resources":{"Stream":{"Type":"AWS::Kinesis::Stream","Properties":{
        "Shards":1,"Part":{"Fn::Select":[4,{"Fn::Split":[":",{"Fn::GetAtt":["New","Arn"]}]}]}}},
        "New":{"Type":"AWS::Kinesis::Stream"}}})",
                        "UPDATE"));
    const auto again =
        call("DescribeChangeSet",
             {{"StackName", "s"}, {"ChangeSetName", "c"}, {"IncludePropertyValues", true}});
    EXPECT_THAT(write_json(*again), HasSubstr("{{changeSet:KNOWN_AFTER_APPLY}}"));
}

struct NestedChangeSetsTest : ChangeSetsTest {
    static constexpr auto inner =
        R"({"Parameters":{"P":{"Type":"String","MaxLength":5}},"Resources":{
        "S":{"Type":"AWS::Kinesis::Stream","Properties":{"Tag":{"Ref":"P"}}}}})";
    static constexpr auto outer = R"({"Resources":{"N":{"Type":"AWS::CloudFormation::Stack",
        "Properties":{"TemplateURL":"s3://b/inner","Parameters":{"P":"one"}}}}})";
    NestedChangeSetsTest() {
        objects.objects["b/inner"] = inner;
        EXPECT_TRUE(create(outer));
        rest();
    }
    void change_inner() {
        std::string changed = inner;
        changed.replace(changed.find(R"("Tag")"), 5, R"("Mark")");
        objects.objects["b/inner"] = changed;
    }
    Result<Value> propose_all(std::string_view text = outer) {
        return propose(text, "UPDATE", {{"IncludeNestedStacks", true}});
    }
    std::string nested_id() {
        const Value described = change_set();
        const Value::List& changes = *described.find("Changes")->items();
        return changes.empty() ? "" : text_of(*changes[0].find("ResourceChange"), "ChangeSetId");
    }
};

TEST_F(NestedChangeSetsTest, ShowWhatTheTemplateInS3WouldChangeAndDoJustThat) {
    change_inner();
    ASSERT_TRUE(propose_all());
    EXPECT_THAT(changes(), ElementsAre("Modify N False"));
    const auto nested = call("DescribeChangeSet", {{"ChangeSetName", nested_id()}});
    ASSERT_TRUE(nested) << message(nested);
    const std::string root = text_of(change_set(), "ChangeSetId");
    EXPECT_EQ(text_of(*nested, "ParentChangeSetId"), root);
    EXPECT_EQ(text_of(*nested, "RootChangeSetId"), root);
    EXPECT_THAT(write_json(*nested), HasSubstr(R"("LogicalResourceId":"S")"));
    EXPECT_THAT(message(call("ExecuteChangeSet", {{"ChangeSetName", nested_id()}})),
                HasSubstr("execute or delete its root [" + root));
    EXPECT_THAT(message(call("DeleteChangeSet", {{"ChangeSetName", nested_id()}})),
                HasSubstr("execute or delete its root"));
    const std::string id = nested_id();
    crash();
    objects.objects["b/inner"] = "{}";  // what is in S3 by now is not what was shown
    ASSERT_TRUE(execute());
    rest();
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(write_json(provider.existing.begin()->second), HasSubstr("Mark"));
    EXPECT_EQ(call("DescribeChangeSet", {{"ChangeSetName", id}}).error().code, "ChangeSetNotFound");
}

TEST_F(NestedChangeSetsTest, DoJustThatAlsoAfterACrashOnTheWay) {
    change_inner();
    provider.hang_before = {"More"};
    std::string changed = objects.objects["b/inner"];
    changed.replace(changed.find(R"("S":{)"), 0, R"("More":{"Type":"AWS::Kinesis::Stream"},)");
    objects.objects["b/inner"] = changed;
    ASSERT_TRUE(propose_all());
    ASSERT_TRUE(call("ExecuteChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}}));
    sim.run_for(std::chrono::seconds(1));
    ASSERT_EQ(status(), "UPDATE_IN_PROGRESS");
    objects.objects["b/inner"] = inner;
    crash();
    rest();
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_EQ(provider.existing.size(), 2u);
}

TEST_F(NestedChangeSetsTest, NothingToChangeAnywhereIsNoChange) {
    ASSERT_TRUE(propose_all());
    EXPECT_THAT(text_of(change_set(), "StatusReason"), HasSubstr("didn't contain changes"));
    ASSERT_TRUE(call("DeleteChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}}));
    change_inner();
    ASSERT_TRUE(propose(outer, "UPDATE"));  // without a look into the nested one
    EXPECT_EQ(text_of(change_set(), "Status"), "FAILED");
}

TEST_F(NestedChangeSetsTest, GoWithTheirRoot) {
    change_inner();
    ASSERT_TRUE(propose_all());
    const std::string id = nested_id();
    ASSERT_TRUE(call("DeleteChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}}));
    EXPECT_EQ(call("DescribeChangeSet", {{"ChangeSetName", id}}).error().code, "ChangeSetNotFound");
    crash();
    EXPECT_EQ(call("DescribeChangeSet", {{"ChangeSetName", id}}).error().code, "ChangeSetNotFound");
}

// Of three levels the last is not reached: what was shown of it is of no use to later updates.
TEST_F(NestedChangeSetsTest, ThatWereNotReachedAreNotForAnotherUpdate) {
    const auto middle = [](std::string_view more) {
        return fmt::format(R"({{"Resources":{{"N":{{"Type":"AWS::CloudFormation::Stack",
            "Properties":{{"TemplateURL":"s3://b/inner","Parameters":{{"P":"one"}}}}{}}}}})",
                           more);
    };
    const std::string grown =
        middle(R"(,"DependsOn":"G"},"G":{"Type":"AWS::Kinesis::Stream","Properties":{}})");
    static constexpr auto top = R"({"Resources":{"M":{"Type":"AWS::CloudFormation::Stack",
        "Properties":{"TemplateURL":"s3://b/middle"}}}})";
    objects.objects["b/middle"] = middle("}");
    ASSERT_TRUE(call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", top}}));
    rest();
    ASSERT_EQ(status(), "UPDATE_COMPLETE");
    objects.objects["b/middle"] = grown;
    change_inner();
    ASSERT_TRUE(propose_all(top));
    provider.failing = {"G"};
    ASSERT_TRUE(call("ExecuteChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}}));
    rest();
    ASSERT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");

    provider.failing.clear();
    std::string third = inner;
    third.replace(third.find(R"("Tag")"), 5, R"("Third")");
    objects.objects["b/inner"] = third;
    const auto described =
        call("DescribeStackResource", {{"StackName", "s"}, {"LogicalResourceId", "M"}});
    ASSERT_TRUE(described) << message(described);
    const std::string id = text_of(*described->find("StackResourceDetail"), "PhysicalResourceId");
    ASSERT_TRUE(call("UpdateStack", {{"StackName", id}, {"TemplateBody", grown}}));
    rest();
    EXPECT_EQ(status(id), "UPDATE_COMPLETE");
    std::string all;
    for (const auto& [name, properties] : provider.existing) all += write_json(properties);
    EXPECT_THAT(all, HasSubstr("Third"));
}

TEST_F(NestedChangeSetsTest, OneThatCannotBeMadeFailsTheRoot) {
    objects.objects["b/inner"] = R"({"Resources":{"S":{"Type":"AWS::Nobody::Knows"}}})";
    ASSERT_TRUE(propose_all());
    EXPECT_EQ(text_of(change_set(), "Status"), "FAILED");
    EXPECT_THAT(text_of(change_set(), "StatusReason"),
                HasSubstr("Nested change set of N was not successfully created: Template format "
                          "error: Unrecognized resource types: [AWS::Nobody::Knows]"));
}

TEST_F(NestedChangeSetsTest, ParametersThatAreNotKnownYetAreShownSo) {
    ASSERT_TRUE(propose_all(R"({"Resources":{"New":{"Type":"AWS::Kinesis::Stream"},
        "N":{"Type":"AWS::CloudFormation::Stack","Properties":{"TemplateURL":"s3://b/inner",
             "Parameters":{"P":{"Ref":"New"}}}}}})"));
    EXPECT_THAT(changes(), ElementsAre("Add New -", "Modify N False"));
    EXPECT_EQ(text_of(change_set(), "Status"), "CREATE_COMPLETE");
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
