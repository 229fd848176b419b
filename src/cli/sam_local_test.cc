// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_local.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/session_fixture.h"

namespace mill::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view document_text = R"(
Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String, Default: dev}}
Globals: {Function: {Runtime: python3.13, Tags: {a: b}, Environment: {Variables: {SHARED: one}}}}
Resources:
  Orders: {Type: AWS::Kinesis::Stream, Properties: {Name: orders}}
  Failed: {Type: AWS::SQS::Queue}
  Table: {Type: AWS::DynamoDB::Table}
  Producer:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: produce
      CodeUri: src/
      Handler: a.b
      Policies: [KinesisCrudPolicy: {StreamName: !Ref Orders}]
      Events: {E: {Type: Kinesis, Properties: {Stream: !GetAtt Orders.Arn}}}
      Environment:
        Variables:
          STREAM: !Ref Orders
          ARN: !GetAtt Orders.Arn
          TEXT: !Sub "${Stage}-${Orders}-${Failed.Arn}-${!Orders}-${AWS::Region}"
          OWN: !Sub ["${Orders}", {Orders: !Ref Failed}]
          QUEUE: !Ref Failed
)";

wire::Value document() { return *wire::parse_template(document_text); }
LocalNames names() { return {.region = "eu-west-1"}; }

Result<wire::Value> producer(const LocalNames& names, const wire::Value& overrides = {}) {
    MILL_TRY(auto made, local_template(document(), local_functions(document(), names), names,
                                       overrides, false));
    return made["Resources"]["Producer"]["Properties"];
}

std::string variables(const LocalNames& names, const wire::Value& overrides = {}) {
    auto properties = producer(names, overrides);
    if (!properties) return properties.error().message;
    return wire::write_json((*properties)["Environment"]["Variables"]);
}

TEST(SamLocal, WithoutAStackNamesAreThoseOfTheTemplate) {
    const std::string text = variables(names());
    EXPECT_THAT(text, HasSubstr(R"("STREAM":"orders")"));
    EXPECT_THAT(text, HasSubstr(R"("ARN":"arn:aws:kinesis:eu-west-1:000000000000:stream/orders")"));
    EXPECT_THAT(text, HasSubstr(R"("QUEUE":"https://sqs.eu-west-1.amazonaws.com/000000000000/)"
                                R"(Failed")"));
    EXPECT_THAT(text, HasSubstr(R"("AWS_SAM_LOCAL":"true")"));
    EXPECT_THAT(text, Not(HasSubstr("AWS_ENDPOINT_URL")));
}

TEST(SamLocal, NamesOfTheDeployedStackAreUsed) {
    LocalNames deployed = names();
    deployed.physical = {{"Orders", "stack-orders-1"}, {"Failed", "http://h:1/42/stack-failed-1"}};
    deployed.account = "42";
    deployed.endpoint_url = "http://h:1";
    const std::string text = variables(deployed);
    EXPECT_THAT(text, HasSubstr(R"("STREAM":"stack-orders-1")"));
    EXPECT_THAT(text, HasSubstr(R"("QUEUE":"http://h:1/42/stack-failed-1")"));
    EXPECT_THAT(text, HasSubstr("${Stage}-stack-orders-1-arn:aws:sqs:eu-west-1:42:stack-failed-1-"
                                "${!Orders}-${AWS::Region}"));
    EXPECT_THAT(text, HasSubstr(R"("AWS_ENDPOINT_URL":"http://h:1")"));
}

TEST(SamLocal, VariablesThatFnSubBringsAlongHideResources) {
    EXPECT_THAT(variables(names()), HasSubstr(R"("OWN":{"Fn::Sub":["${Orders}",{"Orders":")"));
}

TEST(SamLocal, OnlyWhatSaysHowAFunctionRunsIsKept) {
    const auto properties = producer(names());
    ASSERT_TRUE(properties);
    EXPECT_EQ(wire::text_of(*properties, "Handler"), "a.b");
    EXPECT_EQ(wire::text_of(*properties, "FunctionName"), "produce");
    EXPECT_FALSE(properties->find("Events"));
    EXPECT_FALSE(properties->find("Policies"));
    const auto made =
        local_template(document(), local_functions(document(), names()), names(), {}, true);
    ASSERT_TRUE(made);
    EXPECT_FALSE(made->find("Resources")->find("Orders"));
    EXPECT_FALSE(made->find("Globals")->find("Function")->find("Tags"));
    const auto* twin = made->find("Resources")->find("ProducerByLogicalId");
    ASSERT_TRUE(twin);
    EXPECT_EQ(wire::text_of(*twin->find("Properties"), "FunctionName"), "Producer");
}

TEST(SamLocal, LayersOfTheTemplateAreMadeWithTheFunctionsThatUseThem) {
    const auto with_layers = wire::parse_template(R"(
Transform: AWS::Serverless-2016-10-31
Resources:
  Shared: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer/}}
  Unused: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: other/}}
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src/, Layers: [!Ref Shared]}
)");
    ASSERT_TRUE(with_layers);
    LocalNames deployed = names();  // whose layers this server has not
    deployed.physical = {{"Shared", "arn:aws:lambda:eu-west-1:000000000000:layer:Shared:1"}};
    const auto made =
        local_template(*with_layers, local_functions(*with_layers, deployed), deployed, {}, false);
    ASSERT_TRUE(made) << made.error().message;
    const wire::Value& resources = *made->find("Resources");
    EXPECT_EQ(wire::write_json(*resources.find("F")->find("Properties")->find("Layers")),
              R"([{"Ref":"Shared"}])");
    ASSERT_TRUE(resources.find("Shared"));
    EXPECT_EQ(wire::text_of(*resources.find("Shared")->find("Properties"), "ContentUri"), "layer/");
    EXPECT_FALSE(resources.find("Unused"));
}

TEST(SamLocal, EnvVarsChangeVariablesButAddNone) {
    const auto overrides = wire::parse_json(
        R"({"Parameters":{"SHARED":"p","STREAM":"p"},"Producer":{"STREAM":7,"NEW":"x"}})");
    const std::string text = variables(names(), *overrides);
    EXPECT_THAT(text, HasSubstr(R"("STREAM":"7")"));
    EXPECT_THAT(text, HasSubstr(R"("SHARED":"p")"));
    EXPECT_THAT(text, Not(HasSubstr("NEW")));
}

TEST(SamLocal, TheRemedyForAnUnknownAttributeWorksInGlobalsToo) {
    auto unknown = document();
    unknown["Globals"]["Function"]["Environment"]["Variables"]["T"] =
        *wire::parse_json(R"({"Fn::GetAtt":["Table","StreamArn"]})");
    const auto functions = local_functions(unknown, names());
    EXPECT_FALSE(local_template(unknown, functions, names(), {}, false));
    auto made = local_template(unknown, functions, names(),
                               *wire::parse_json(R"({"Parameters":{"T":"arn"}})"), false);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(wire::write_json((*made)["Resources"]["Producer"]), HasSubstr(R"("T":"arn")"));
}

TEST(SamLocal, AnEnvironmentThatIsComputedIsAnError) {
    auto computed = document();
    computed["Resources"]["Producer"]["Properties"]["Environment"] =
        *wire::parse_json(R"({"Fn::If":["C",{"Variables":{}},{"Ref":"AWS::NoValue"}]})");
    const auto made =
        local_template(computed, local_functions(computed, names()), names(), {}, false);
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("must be maps"));
}

TEST(SamLocal, ParametersOfTheStoreBecomeTexts) {
    auto stored = document();
    stored["Parameters"]["Stage"] =
        *wire::parse_json(R"({"Type":"AWS::SSM::Parameter::Value<String>","Default":"/stage"})");
    LocalNames deployed = names();
    deployed.parameters = {{"Stage", "prod"}};
    auto made = local_template(stored, local_functions(stored, deployed), deployed, {}, false);
    ASSERT_TRUE(made);
    EXPECT_EQ(wire::write_json((*made)["Parameters"]["Stage"]),
              R"({"Type":"String","Default":"prod"})");
}

TEST(SamLocal, AnAttributeThatNobodyKnowsIsAnErrorThatNamesTheRemedy) {
    auto unknown = document();
    unknown["Resources"]["Producer"]["Properties"]["Environment"]["Variables"]["T"] =
        *wire::parse_json(R"({"Fn::GetAtt":["Table","StreamArn"]})");
    const auto made =
        local_template(unknown, local_functions(unknown, names()), names(), {}, false);
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("Table.StreamArn is not known locally"));
    EXPECT_THAT(made.error().message, HasSubstr("--env-vars"));
}

TEST(SamLocal, ParametersOfTheStackBecomeDefaults) {
    LocalNames deployed = names();
    deployed.parameters = {{"Stage", "prod"}};
    auto made =
        local_template(document(), local_functions(document(), deployed), deployed, {}, false);
    ASSERT_TRUE(made);
    EXPECT_EQ(wire::text_of((*made)["Parameters"]["Stage"], "Default"), "prod");
    deployed.parameters = {{"Stag", "prod"}};
    made = local_template(document(), local_functions(document(), deployed), deployed, {}, false);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message, "the template has no parameter Stag");
}

TEST(GenerateEvent, KinesisIsOneRecordWithTheValuesGiven) {
    const auto event =
        generate_event({"kinesis", "--data", "hi", "--region", "eu-west-1", "--sequence=7"});
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_THAT(*event, HasSubstr(R"("data": "aGk=",)"));
    EXPECT_THAT(*event, HasSubstr(R"("eventID": "shardId-000000000000:7",)"));
    EXPECT_THAT(*event, HasSubstr(R"("awsRegion": "eu-west-1")"));
    EXPECT_EQ(generate_event({"kinesis"}), generate_event({"kinesis", "get-records"}));
}

TEST(GenerateEvent, EveryEventIsWholeJson) {
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"kinesis"},
                                               {"sqs"},
                                               {"sns"},
                                               {"s3", "put"},
                                               {"s3", "delete"},
                                               {"dynamodb"},
                                               {"cloudwatch", "logs"},
                                               {"cloudwatch", "scheduled-event"}}) {
        const auto event = generate_event(words);
        ASSERT_TRUE(event) << words.front();
        EXPECT_TRUE(wire::parse_json(*event)) << *event;
        EXPECT_THAT(*event, Not(::testing::ContainsRegex("\\{[a-z][a-z:0-9-]*\\}")));
    }
}

TEST(GenerateEvent, ValuesAreWrittenInAsciiAndEncodedWhereTheServiceDoes) {
    EXPECT_THAT(*generate_event({"sqs", "--body", "\u00e9 \U0001F600"}),
                HasSubstr(R"("body": "\u00e9 \ud83d\ude00")"));
    EXPECT_THAT(*generate_event({"sqs", "--body", "a \"b\""}), HasSubstr(R"("a \"b\"")"));
    EXPECT_THAT(*generate_event({"sqs", "--body", "hi"}),
                HasSubstr("49f68a5c8493ec2c0bf489821c21fc3b"));
    EXPECT_THAT(*generate_event({"s3", "put", "--key", "k \u00e9/+"}),
                HasSubstr(R"("key": "k%20%C3%A9/%2B")"));
}

TEST(GenerateEvent, WhatThereIsNotIsRefusedWithWhatThereIs) {
    EXPECT_THAT(generate_event({"alexa"}).error().message, HasSubstr("kinesis, sqs, sns"));
    EXPECT_THAT(generate_event({"s3"}).error().message, HasSubstr("put, delete"));
    EXPECT_THAT(generate_event({"s3", "copy"}).error().message, HasSubstr("put, delete"));
    EXPECT_EQ(generate_event({"kinesis", "--bucket", "x"}).error().code, "usage");
    EXPECT_EQ(generate_event({"kinesis", "get-records", "x"}).error().code, "usage");
}

class SamLocalVerb : public ::testing::Test {
  protected:
    int run(std::vector<std::string> words) {
        return test_.world.await(sam(test_.session, std::move(words)));
    }
    TestSession test_;
};

TEST_F(SamLocalVerb, VerbsAndOptionsThatThereAreNotAreRefused) {
    EXPECT_EQ(run({"local", "start"}), exit_usage);
    EXPECT_THAT(
        test_.err,
        HasSubstr("Usage: millrace sam local [OPTIONS] COMMAND [ARGS]...\nTry 'millrace sam local "
                  "-h' for help.\n\nError: No such command 'start'."));
    EXPECT_EQ(run({"local", "invoke", "--port", "1"}), exit_usage);
    EXPECT_THAT(test_.err, HasSubstr("No such option: --port"));
    EXPECT_EQ(run({"local", "start-lambda", "--event", "x"}), exit_usage);
}

TEST_F(SamLocalVerb, AFunctionThatIsNotInTheTemplateFailsWithThoseThatAre) {
    ASSERT_TRUE(machine::write_file_durably(test_.session.machine.files, "template.yaml",
                                            Bytes(document_text)));
    EXPECT_EQ(run({"local", "invoke", "Nope"}), exit_failed);
    EXPECT_THAT(test_.err, HasSubstr("Nope not found. Possible options in your template: "
                                     "['Producer']\nError: Function Nope not found in template"));
    EXPECT_EQ(run({"local", "invoke", "--event", "gone.json"}), exit_failed);
    EXPECT_THAT(test_.err, HasSubstr("No such file or directory: 'gone.json'"));
}

}  // namespace
}  // namespace mill::cli
