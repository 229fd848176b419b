// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/cloudformation_fixture.h"

#include <algorithm>
#include <functional>
#include <set>

namespace mill::cloudformation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view two_resources = R"({"Description":"Two.","Resources":{
    "Reader":{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"Source":{"Fn::GetAtt":["Stream","Arn"]}}},
    "Stream":{"Type":"AWS::Kinesis::Stream","Properties":{"Shards":1}}},
    "Outputs":{"Name":{"Value":{"Ref":"Stream"},"Description":"its name","Export":{"Name":"x"}}}})";

TEST_F(CloudFormationTest, CreatesInDependencyOrderAndTellsEachStep) {
    const auto made = create(two_resources);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(text_of(*made, "StackId"),
                StartsWith("arn:aws:cloudformation:us-east-1:000000000000:stack/s/"));
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_THAT(provider.calls, ElementsAre("create Stream", "create Reader"));
    EXPECT_THAT(events(), ElementsAre("s CREATE_IN_PROGRESS", "Stream CREATE_IN_PROGRESS",
                                      "Stream CREATE_IN_PROGRESS", "Stream CREATE_COMPLETE",
                                      "Reader CREATE_IN_PROGRESS", "Reader CREATE_IN_PROGRESS",
                                      "Reader CREATE_COMPLETE", "s CREATE_COMPLETE"));
    EXPECT_EQ(reason_of("Stream CREATE_IN_PROGRESS"), "Resource creation Initiated");
    EXPECT_EQ(reason_of("s CREATE_IN_PROGRESS"), "User Initiated");
}

TEST_F(CloudFormationTest, NamesAndOutputsComeFromTheResources) {
    ASSERT_TRUE(create(two_resources));
    ASSERT_EQ(provider.existing.size(), 2u);
    const Value stack = describe();
    const Value& output = (*stack.find("Outputs")->items())[0];
    const std::string name = text_of(output, "OutputValue");
    EXPECT_THAT(name, testing::MatchesRegex("s-Stream-[A-Za-z0-9]{12}"));
    EXPECT_EQ(text_of(output, "ExportName"), "x");
    EXPECT_EQ(text_of(stack, "Description"), "Two.");
    for (const auto& [physical, properties] : provider.existing) {
        if (physical != name)
            EXPECT_EQ(write_json(properties), R"({"Source":"arn:)" + name + R"("})");
    }
}

TEST_F(CloudFormationTest, GeneratedNamesFitTheirTypeAndKeepTheirEnd) {
    const std::string id(100, 'L');
    ASSERT_TRUE(create(R"({"Resources":{")" + id + R"(":{"Type":"AWS::Lambda::LayerVersion"}}})"));
    EXPECT_THAT(provider.existing.begin()->first, testing::MatchesRegex("s-L{49}-[A-Za-z0-9]{12}"));
}

TEST_F(CloudFormationTest, AnswersBeforeTheWorkIsDone) {
    provider.hang_before.insert("Stream");
    ASSERT_TRUE(create(two_resources));
    EXPECT_EQ(status(), "CREATE_IN_PROGRESS");
}

TEST_F(CloudFormationTest, FailureRollsBackInReverseOrder) {
    provider.failing.insert("Reader");
    ASSERT_TRUE(create(two_resources));
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_THAT(provider.existing, IsEmpty());
    EXPECT_EQ(reason_of("s ROLLBACK_IN_PROGRESS"),
              "The following resource(s) failed to create: [Reader]. Rollback requested by user.");
    EXPECT_THAT(reason_of("Reader CREATE_FAILED"),
                StartsWith("Resource handler returned message: \"No more.\" (RequestToken: "));
    EXPECT_THAT(reason_of("Reader CREATE_FAILED"),
                HasSubstr(", HandlerErrorCode: ServiceLimitExceeded)"));
    EXPECT_EQ(message(update(two_resources)),
              "Stack:" + stack_id() + " is in ROLLBACK_COMPLETE state and can not be updated.");
}

TEST_F(CloudFormationTest, OnFailureDecidesWhatBecomesOfTheStack) {
    provider.failing.insert("Reader");
    ASSERT_TRUE(create(two_resources, {{"OnFailure", "DO_NOTHING"}}));
    EXPECT_EQ(status(), "CREATE_FAILED");
    EXPECT_EQ(provider.existing.size(), 1u);
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    settle();
    EXPECT_THAT(provider.existing, IsEmpty());
}

TEST_F(CloudFormationTest, SomeoneElsesResourceIsNotAdopted) {
    provider.existing["taken"] = Value::map();
    ASSERT_TRUE(create(
        R"({"Resources":{"A":{"Type":"AWS::Kinesis::Stream","Properties":{"Name":"taken"}}}})"));
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_TRUE(provider.existing.contains("taken"));
    EXPECT_THAT(reason_of("A CREATE_FAILED"), HasSubstr("AlreadyExists"));
}

TEST_F(CloudFormationTest, DeletedStacksAreFoundByArnOnly) {
    ASSERT_TRUE(create(two_resources));
    const std::string id = stack_id();
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    settle();
    EXPECT_THAT(provider.existing, IsEmpty());
    EXPECT_THAT(provider.calls,
                ElementsAre("create Stream", "create Reader", "remove Reader", "remove Stream"));
    EXPECT_EQ(message(call("DescribeStacks", {{"StackName", "s"}})),
              "Stack with id s does not exist");
    EXPECT_EQ(message(call("DescribeStackEvents", {{"StackName", "s"}})),
              "Stack [s] does not exist");
    EXPECT_EQ(status(id), "DELETE_COMPLETE");
    EXPECT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    const auto listed = call("ListStacks", {{"StackStatusFilter", Value::List{"DELETE_COMPLETE"}}});
    EXPECT_EQ(listed->find("StackSummaries")->items()->size(), 1u);
    ASSERT_TRUE(call("CreateStack", {{"StackName", "s"}, {"TemplateBody", two_resources}}));
}

TEST_F(CloudFormationTest, FailedDeletionKeepsWhatIsNeededAndCanRetain) {
    ASSERT_TRUE(create(two_resources));
    provider.undeletable.insert("Reader");
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    settle();
    EXPECT_EQ(status(), "DELETE_FAILED");
    EXPECT_EQ(text_of(describe(), "StackStatusReason"),
              "The following resource(s) failed to delete: [Reader]. ");
    EXPECT_EQ(provider.existing.size(), 2u);
    ASSERT_TRUE(
        call("DeleteStack", {{"StackName", "s"}, {"RetainResources", Value::List{"Reader"}}}));
    settle();
    EXPECT_EQ(status(stack_id()), "DELETE_COMPLETE");
    EXPECT_EQ(provider.existing.size(), 1u);
}

TEST_F(CloudFormationTest, RetainedResourcesStay) {
    ASSERT_TRUE(
        create(R"({"Resources":{"A":{"Type":"AWS::Kinesis::Stream","DeletionPolicy":"Retain"}}})"));
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    settle();
    EXPECT_EQ(provider.existing.size(), 1u);
    EXPECT_EQ(events().back(), "s DELETE_COMPLETE");
    EXPECT_EQ(reason_of("A DELETE_SKIPPED"), "");
}

TEST_F(CloudFormationTest, RefusesBeforeAnythingIsMade) {
    EXPECT_EQ(message(create("{}")),
              "Template format error: At least one Resources member must be defined.");
    EXPECT_THAT(message(create(R"({"Resources":{"A":{"Type":"AWS::X::Y"}}})")),
                StartsWith("Template format error: Unrecognized resource types: [AWS::X::Y]"));
    EXPECT_EQ(message(call("CreateStack", {{"StackName", "s"}})),
              "Either Template URL or Template Body must be specified.");
    constexpr auto role = R"({"Resources":{"R":{"Type":"AWS::IAM::Role"}}})";
    const auto refused = create(role);
    EXPECT_EQ(message(refused), "Requires capabilities : [CAPABILITY_IAM]");
    EXPECT_EQ(refused.error().code, "InsufficientCapabilitiesException");
    EXPECT_THAT(message(create(two_resources, {{"NotificationARNs", Value::List{"arn:t"}}})),
                StartsWith("Millrace does not support NotificationARNs yet."));
    EXPECT_THAT(service->stacks().all(), IsEmpty());
    EXPECT_TRUE(create(role, {{"Capabilities", Value::List{"CAPABILITY_NAMED_IAM"}}}));
}

TEST_F(CloudFormationTest, ACreationThatTakesTooLongIsRolledBack) {
    provider.slow = {"A"};
    constexpr auto body = R"({"Resources": {"A": {"Type": "AWS::Kinesis::Stream"},
        "B": {"Type": "AWS::Kinesis::Stream", "DependsOn": "A"}}})";
    ASSERT_TRUE(create(body, {{"TimeoutInMinutes", 1}}));
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_EQ(reason_of("s ROLLBACK_IN_PROGRESS"),
              "Stack creation time exceeded the specified timeout. Rollback requested by user.");
    EXPECT_TRUE(provider.existing.empty());
}

TEST_F(CloudFormationTest, ACreationWhoseLastResourceTakesTooLongIsRolledBack) {
    provider.slow = {"A"};
    ASSERT_TRUE(create(R"({"Resources": {"A": {"Type": "AWS::Kinesis::Stream"}}})",
                       {{"TimeoutInMinutes", 1}}));
    EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
    EXPECT_TRUE(provider.existing.empty());
}

TEST_F(CloudFormationTest, NameIsTakenOnceUnlessTheTokenRepeats) {
    const auto first = create(two_resources, {{"ClientRequestToken", "t"}});
    ASSERT_TRUE(first);
    const auto again = create(two_resources, {{"ClientRequestToken", "t"}});
    ASSERT_TRUE(again);
    EXPECT_EQ(text_of(*again, "StackId"), text_of(*first, "StackId"));
    const auto other = create(two_resources);
    EXPECT_EQ(message(other), "Stack [s] already exists");
    EXPECT_EQ(other.error().code, "AlreadyExistsException");
}

TEST_F(CloudFormationTest, ConditionsAndParametersShapeTheStack) {
    constexpr auto text = R"({"Parameters":{"Env":{"Type":"String","NoEcho":true}},
        "Conditions":{"Prod":{"Fn::Equals":[{"Ref":"Env"},"prod"]}},
        "Resources":{"A":{"Type":"AWS::Kinesis::Stream","Properties":{"E":{"Ref":"Env"}}},
                     "B":{"Type":"AWS::Kinesis::Stream","Condition":"Prod"}}})";
    Value parameter = Value::Map{{"ParameterKey", "Env"}, {"ParameterValue", "test"}};
    ASSERT_TRUE(create(text, {{"Parameters", Value::List{parameter}}}));
    EXPECT_THAT(provider.calls, ElementsAre("create A"));
    EXPECT_EQ(text_of((*describe().find("Parameters")->items())[0], "ParameterValue"), "****");
    const auto events = call("DescribeStackEvents", {{"StackName", "s"}});
    EXPECT_THAT(wire::write_json(*events), HasSubstr(R"({\"E\":\"****\"})"));
    EXPECT_THAT(wire::write_json(*events), Not(HasSubstr(R"(\"test\")")));
    EXPECT_EQ(message(call("CreateStack", {{"StackName", "t"}, {"TemplateBody", text}})),
              "Parameters: [Env] must have values");
}

TEST_F(CloudFormationTest, SamTemplatesAreTransformed) {
    constexpr auto text = R"({"Transform":"AWS::Serverless-2016-10-31","Resources":{
        "F":{"Type":"AWS::Serverless::Function","Properties":{"CodeUri":"s3://b/k","Handler":"h","Runtime":"python3.13"}}}})";
    EXPECT_EQ(message(create(text)), "Requires capabilities : [CAPABILITY_AUTO_EXPAND]");
    ASSERT_TRUE(
        create(text, {{"Capabilities", Value::List{"CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"}}}));
    EXPECT_THAT(provider.calls, ElementsAre("create FRole", "create F"));
    const auto original = call("GetTemplate", {{"StackName", "s"}});
    EXPECT_EQ(text_of(*original, "TemplateBody"), text);
    const auto processed =
        call("GetTemplate", {{"StackName", "s"}, {"TemplateStage", "Processed"}});
    EXPECT_THAT(text_of(*processed, "TemplateBody"), HasSubstr("AWS::Lambda::Function"));
}

TEST_F(CloudFormationTest, TemplateUrlIsReadFromTheObjectStore) {
    objects.objects["bucket/t.json"] = two_resources;
    ASSERT_TRUE(call("CreateStack",
                     {{"StackName", "s"}, {"TemplateURL", "http://localhost:4566/bucket/t.json"}}));
    settle();
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_EQ(
        message(call("CreateStack", {{"StackName", "t"}, {"TemplateURL", "s3://bucket/none"}})),
        "S3 error: The specified key does not exist.");
}

TEST_F(CloudFormationTest, ResourcesAreDescribedInAllThreeWays) {
    ASSERT_TRUE(create(two_resources));
    const auto all = call("DescribeStackResources", {{"StackName", "s"}});
    ASSERT_TRUE(all);
    EXPECT_EQ(all->find("StackResources")->items()->size(), 2u);
    const auto one =
        call("DescribeStackResource", {{"StackName", "s"}, {"LogicalResourceId", "Stream"}});
    ASSERT_TRUE(one);
    EXPECT_EQ(text_of(*one->find("StackResourceDetail"), "ResourceStatus"), "CREATE_COMPLETE");
    EXPECT_EQ(
        message(call("DescribeStackResource", {{"StackName", "s"}, {"LogicalResourceId", "X"}})),
        "Resource X does not exist for stack s");
    const auto listed = call("ListStackResources", {{"StackName", "s"}});
    ASSERT_TRUE(listed);
    EXPECT_EQ(text_of((*listed->find("StackResourceSummaries")->items())[0], "LogicalResourceId"),
              "Stream");
}

TEST_F(CloudFormationTest, EventsComeInPagesNewestFirst) {
    std::string text = R"({"Resources":{)";
    for (int i = 0; i < 40; ++i)
        text += fmt::format(R"({}"R{}":{{"Type":"AWS::Kinesis::Stream"}})", i ? "," : "", i);
    ASSERT_TRUE(create(text + "}}"));
    std::size_t count = 0;
    Value::Map input{{"StackName", "s"}};
    std::vector<double> times;
    std::set<std::string> ids;
    for (int page = 0; page < 2; ++page) {
        const auto result = call("DescribeStackEvents", input);
        ASSERT_TRUE(result);
        count += result->find("StackEvents")->items()->size();
        for (const Value& event : *result->find("StackEvents")->items()) {
            times.push_back(std::stod(wire::write_json(*event.find("Timestamp"))));
            ids.insert(text_of(event, "EventId"));
        }
        if (page == 0)
            EXPECT_EQ(text_of((*result->find("StackEvents")->items())[0], "ResourceStatus"),
                      "CREATE_COMPLETE");
        EXPECT_EQ(text_of(*result, "NextToken").empty(), page == 1);
        input = {{"StackName", "s"}, {"NextToken", text_of(*result, "NextToken")}};
    }
    EXPECT_EQ(count, 40u * 3 + 2);
    EXPECT_EQ(ids.size(), count);
    EXPECT_EQ(std::ranges::adjacent_find(times, std::less_equal<>()), times.end())
        << "SAM CLI passes over an event of the same time as the one before";
}

TEST_F(CloudFormationTest, ValidateTemplateTellsWhatCreationNeeds) {
    const auto result =
        call("ValidateTemplate",
             {{"TemplateBody", R"({"Parameters":{"P":{"Type":"String","Default":"d"}},
        "Resources":{"R":{"Type":"AWS::IAM::Role"}}})"}});
    ASSERT_TRUE(result);
    EXPECT_EQ(text_of(*result, "CapabilitiesReason"),
              "The following resource(s) require capabilities: [AWS::IAM::Role]");
    EXPECT_EQ(text_of((*result->find("Parameters")->items())[0], "DefaultValue"), "d");
}

TEST_F(CloudFormationTest, TerminationProtectionRefusesDeletion) {
    ASSERT_TRUE(create(two_resources, {{"EnableTerminationProtection", true}}));
    EXPECT_EQ(message(call("DeleteStack", {{"StackName", "s"}})),
              "Stack [s] cannot be deleted while TerminationProtection is enabled");
}

TEST_F(CloudFormationTest, StacksOfOtherRegionsAreNotSeen) {
    ASSERT_TRUE(create(two_resources));
    caller.region = "eu-west-1";
    EXPECT_EQ(message(call("DescribeStacks", {{"StackName", "s"}})),
              "Stack with id s does not exist");
}

// A crash right before, and right after, the provider has made the resource.
TEST_F(CloudFormationTest, InterruptedCreationGoesOnWithoutASecondResource) {
    for (auto* hang : {&provider.hang_before, &provider.hang_after}) {
        hang->insert("Stream");
        ASSERT_TRUE(create(two_resources));
        EXPECT_EQ(status(), "CREATE_IN_PROGRESS");
        crash();
        settle();
        EXPECT_EQ(status(), "CREATE_COMPLETE");
        EXPECT_EQ(provider.existing.size(), 2u);
        ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
        settle();
        EXPECT_THAT(provider.existing, IsEmpty());
        service.reset();
        engine = memory::make_engine(sim.machine());
        open();
    }
}

TEST_F(CloudFormationTest, DeletionDuringACreationLeavesNothing) {
    provider.hang_after.insert("Reader");
    ASSERT_TRUE(create(two_resources));
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    EXPECT_EQ(status(), "DELETE_IN_PROGRESS");
    EXPECT_EQ(provider.existing.size(), 2u);
    crash();
    settle();
    EXPECT_THAT(provider.existing, IsEmpty());
    EXPECT_EQ(status(stack_id()), "DELETE_COMPLETE");
}

TEST_F(CloudFormationTest, InterruptedRollbackGoesOn) {
    provider.failing.insert("Reader");
    provider.hang_before.clear();
    ASSERT_TRUE(create(two_resources, {{"OnFailure", "DO_NOTHING"}}));
    provider.hang_before.insert("Stream");
    ASSERT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
    sim.run_for(std::chrono::seconds(1));
    EXPECT_EQ(status(), "DELETE_IN_PROGRESS");
    crash();
    settle();
    EXPECT_THAT(provider.existing, IsEmpty());
}

// Updates.

std::string with(std::string_view shards, std::string_view immutable = "a",
                 std::string_view more = "") {
    return fmt::format(R"({{"Resources":{{
        "Reader":{{"Type":"AWS::Lambda::EventSourceMapping","Properties":{{"Source":{{"Ref":"Stream"}}}}}},
        "Stream":{{"Type":"AWS::Kinesis::Stream","Properties":{{"Shards":{},"Immutable":"{}"}}}}{}}}}})",
                       shards, immutable, more);
}

TEST_F(CloudFormationTest, UpdateChangesOnlyWhatDiffers) {
    ASSERT_TRUE(create(with("1")));
    EXPECT_EQ(message(update(with("1"))), "No updates are to be performed.");
    provider.calls.clear();
    ASSERT_TRUE(update(with("2")));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(provider.calls, ElementsAre("update Stream"));
    const auto all = events();
    EXPECT_THAT(
        std::vector(all.end() - 5, all.end()),
        ElementsAre("s UPDATE_IN_PROGRESS", "Stream UPDATE_IN_PROGRESS", "Stream UPDATE_COMPLETE",
                    "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "s UPDATE_COMPLETE"));
}

TEST_F(CloudFormationTest, UpdateAddsAndRemoves) {
    ASSERT_TRUE(create(with("1", "a", R"(,"Old":{"Type":"AWS::Kinesis::Stream"})")));
    provider.calls.clear();
    ASSERT_TRUE(update(with("1", "a", R"(,"New":{"Type":"AWS::Kinesis::Stream"})")));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(provider.calls, ElementsAre("create New", "remove Old"));
    EXPECT_EQ(provider.existing.size(), 3u);
}

TEST_F(CloudFormationTest, ReplacementReachesTheDependentsBeforeTheOldOneGoes) {
    ASSERT_TRUE(create(with("1", "a")));
    provider.calls.clear();
    ASSERT_TRUE(update(with("1", "b")));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(provider.calls,
                ElementsAre("update Stream", "create Stream", "update Reader", "remove Stream"));
    EXPECT_EQ(provider.existing.size(), 2u);
}

TEST_F(CloudFormationTest, FailedUpdateReturnsToWhatWas) {
    ASSERT_TRUE(create(with("1", "a")));
    const auto before = provider.existing;
    provider.failing.insert("New");
    ASSERT_TRUE(
        update(with("1", "b", R"(,"New":{"Type":"AWS::Kinesis::Stream","DependsOn":"Reader"})")));
    EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_EQ(provider.existing, before);
    EXPECT_EQ(reason_of("s UPDATE_ROLLBACK_IN_PROGRESS"),
              "The following resource(s) failed to create: [New]. ");
    provider.failing.clear();
    EXPECT_EQ(message(update(with("1", "a"))), "No updates are to be performed.");
    ASSERT_TRUE(update(with("2", "a")));
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
}

TEST_F(CloudFormationTest, InterruptedUpdateGoesOn) {
    ASSERT_TRUE(create(with("1", "a")));
    provider.hang_after.insert("Stream");
    ASSERT_TRUE(update(with("1", "b")));
    EXPECT_EQ(status(), "UPDATE_IN_PROGRESS");
    EXPECT_EQ(message(call("DeleteStack", {{"StackName", "s"}})),
              "Stack [" + stack_id() + "] cannot be deleted while in status UPDATE_IN_PROGRESS");
    crash();
    settle();
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_EQ(provider.existing.size(), 2u);
}

TEST_F(CloudFormationTest, TypesOfResourcesCannotChange) {
    ASSERT_TRUE(create(R"({"Resources":{"A":{"Type":"AWS::Kinesis::Stream"}}})"));
    EXPECT_EQ(message(update(R"({"Resources":{"A":{"Type":"AWS::Lambda::Function"}}})")),
              "Update of resource type is not permitted. The new template modifies resource type "
              "of the following resources: [A]");
}

}  // namespace
}  // namespace mill::cloudformation
