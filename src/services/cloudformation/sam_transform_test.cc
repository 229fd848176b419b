// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/sam_transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::cloudformation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using wire::Value;

// The template of the walkthrough, as `sam package` hands it over.
constexpr std::string_view walkthrough = R"(
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 30
    Runtime: python3.13
    MemorySize: 128
    Environment:
      Variables: {A: g, B: g}
    Tags: {team: x}
Resources:
  KinesisStream:
    Type: AWS::Kinesis::Stream
    Properties: {Name: KinesisStream, ShardCount: 1}
  LambdaProducer:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      FunctionName: LambdaProducer
      Handler: producer.lambda_handler
      CodeUri: s3://bucket/key/of.zip
      Policies:
        - KinesisCrudPolicy: {StreamName: !Ref KinesisStream}
        - AmazonSQSFullAccess
      Environment:
        Variables: {B: f, STREAM_NAME: !Ref KinesisStream}
  LambdaConsumer:
    Type: AWS::Serverless::Function
    DependsOn: LambdaProducer
    Properties:
      Handler: consumer.lambda_handler
      CodeUri: {Bucket: bucket, Key: key}
      DeadLetterQueue: {Type: SQS, TargetArn: 'arn:aws:sqs:us-east-1:000000000000:dlq'}
      Events:
        KinesisEvent:
          Type: Kinesis
          Properties:
            Stream: !GetAtt KinesisStream.Arn
            StartingPosition: LATEST
            BatchSize: 10
            DestinationConfig: {OnFailure: {Type: SQS, Destination: 'arn:aws:sqs:us-east-1:000000000000:failed'}}
Outputs:
  KinesisStreamName: {Value: !Ref KinesisStream}
)";

Result<Value> transformed(std::string_view text) {
    return sam_transform(*wire::parse_template(text));
}

std::string at(const Value& document, std::initializer_list<std::string_view> path) {
    const Value* value = &document;
    for (const std::string_view name : path) value = value ? value->find(name) : nullptr;
    return value ? write_json(*value) : "<absent>";
}

TEST(SamTransform, MakesFunctionsRolesAndMappings) {
    const auto document = transformed(walkthrough);
    ASSERT_TRUE(document) << document.error().message;
    std::vector<std::string> ids;
    for (const auto& [id, resource] : *document->find("Resources")->members())
        ids.push_back(id + " " + text_of(resource, "Type"));
    EXPECT_THAT(
        ids,
        ElementsAre("KinesisStream AWS::Kinesis::Stream", "LambdaProducer AWS::Lambda::Function",
                    "LambdaProducerRole AWS::IAM::Role", "LambdaConsumer AWS::Lambda::Function",
                    "LambdaConsumerRole AWS::IAM::Role",
                    "LambdaConsumerKinesisEvent AWS::Lambda::EventSourceMapping"));
    EXPECT_FALSE(document->find("Transform"));
    EXPECT_FALSE(document->find("Globals"));
    EXPECT_EQ(at(*document, {"Outputs", "KinesisStreamName", "Value"}),
              R"({"Ref":"KinesisStream"})");
}

TEST(SamTransform, FunctionTakesGlobalsBelowItsOwn) {
    const auto document = transformed(walkthrough);
    ASSERT_TRUE(document);
    const Value& producer = *document->find("Resources")->find("LambdaProducer");
    EXPECT_EQ(at(producer, {"Properties", "Environment", "Variables"}),
              R"({"A":"g","B":"f","STREAM_NAME":{"Ref":"KinesisStream"}})");
    EXPECT_EQ(at(producer, {"Properties", "Code"}),
              R"({"S3Bucket":"bucket","S3Key":"key/of.zip"})");
    EXPECT_EQ(at(producer, {"Properties", "Role"}),
              R"({"Fn::GetAtt":["LambdaProducerRole","Arn"]})");
    EXPECT_EQ(at(producer, {"Properties", "Timeout"}), "30");
    EXPECT_EQ(at(producer, {"Properties", "Tags"}),
              R"([{"Key":"lambda:createdBy","Value":"SAM"},{"Key":"team","Value":"x"}])");
    EXPECT_EQ(at(producer, {"Metadata"}), R"({"BuildMethod":"makefile"})");
    EXPECT_EQ(at(producer, {"Properties", "Policies"}), "<absent>");
}

TEST(SamTransform, RoleHasBasicManagedAndInlinePolicies) {
    const auto document = transformed(walkthrough);
    ASSERT_TRUE(document);
    const Value& role = *document->find("Resources")->find("LambdaProducerRole");
    EXPECT_EQ(
        at(role, {"Properties", "ManagedPolicyArns"}),
        R"(["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole","arn:aws:iam::aws:policy/AmazonSQSFullAccess"])");
    const std::string policies = at(role, {"Properties", "Policies"});
    EXPECT_THAT(policies, HasSubstr(R"("PolicyName":"LambdaProducerRolePolicy0")"));
    EXPECT_THAT(policies, HasSubstr("kinesis:PutRecords"));
    EXPECT_THAT(policies, HasSubstr(R"({"streamName":{"Ref":"KinesisStream"}})"));
    EXPECT_EQ(
        at(role, {"Properties", "AssumeRolePolicyDocument", "Statement"}),
        R"([{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]}}])");
    EXPECT_EQ(at(role, {"Properties", "RoleName"}), "<absent>");
}

TEST(SamTransform, KinesisEventBecomesAMapping) {
    const auto document = transformed(walkthrough);
    ASSERT_TRUE(document);
    const Value& mapping = *document->find("Resources")->find("LambdaConsumerKinesisEvent");
    EXPECT_EQ(
        at(mapping, {"Properties"}),
        R"({"EventSourceArn":{"Fn::GetAtt":["KinesisStream","Arn"]},"FunctionName":{"Ref":"LambdaConsumer"},)"
        R"("StartingPosition":"LATEST","BatchSize":10,)"
        R"("DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:000000000000:failed"}}})");
    EXPECT_EQ(at(mapping, {"DependsOn"}), "<absent>");
    const Value& consumer = *document->find("Resources")->find("LambdaConsumer");
    EXPECT_EQ(at(consumer, {"DependsOn"}), R"("LambdaProducer")");
    EXPECT_EQ(at(consumer, {"Properties", "DeadLetterConfig"}),
              R"({"TargetArn":"arn:aws:sqs:us-east-1:000000000000:dlq"})");
    const Value& role = *document->find("Resources")->find("LambdaConsumerRole");
    EXPECT_THAT(at(role, {"Properties", "ManagedPolicyArns"}),
                HasSubstr("service-role/AWSLambdaKinesisExecutionRole"));
    EXPECT_THAT(at(role, {"Properties", "Policies"}),
                HasSubstr("LambdaConsumerKinesisEventSQSPolicy"));
    EXPECT_THAT(at(role, {"Properties", "Policies"}), HasSubstr("DeadLetterQueuePolicy"));
}

TEST(SamTransform, GivenRoleReplacesTheGeneratedOne) {
    const auto document = transformed(
        R"({"Resources":{"F":{"Type":"AWS::Serverless::Function","Condition":"C","Properties":
        {"Role":"arn:aws:iam::1:role/r","InlineCode":"x","Handler":"h","Runtime":"python3.13"}}}})");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->find("Resources")->members()->size(), 1u);
    const Value& function = *document->find("Resources")->find("F");
    EXPECT_EQ(at(function, {"Properties", "Role"}), R"("arn:aws:iam::1:role/r")");
    EXPECT_EQ(at(function, {"Properties", "Code"}), R"({"ZipFile":"x"})");
    EXPECT_EQ(at(function, {"Condition"}), R"("C")");
}

TEST(SamTransform, MistakesAreCountedAndNamed) {
    const auto document = transformed(R"({"Resources":{
        "F":{"Type":"AWS::Serverless::Function","Properties":{"CodeUri":"s3://b/k","Foo":1}},
        "G":{"Type":"AWS::Serverless::Function","Properties":{"CodeUri":"src/"}},
        "H":{"Type":"AWS::Serverless::Api"}}})");
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, "ValidationError");
    EXPECT_EQ(document.error().message,
              "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application "
              "Specification document. "
              "Number of errors found: 3. "
              "Resource with id [F] is invalid. property Foo not defined for resource of type "
              "AWS::Serverless::Function "
              "Resource with id [G] is invalid. 'CodeUri' is not a valid S3 Uri of the form "
              "'s3://bucket/key' with "
              "optional versionId query parameter. "
              "Resource with id [H] is invalid. Resources of type AWS::Serverless::Api are not "
              "supported by Millrace "
              "(supported: AWS::Serverless::Function, AWS::Serverless::LayerVersion, "
              "AWS::Serverless::Application).");
}

TEST(SamTransform, UnknownGlobalIsNamed) {
    const auto document =
        transformed(R"({"Globals":{"Function":{"Role":"x"}},"Resources":{"A":{"Type":"T"}}})");
    ASSERT_FALSE(document);
    EXPECT_THAT(
        document.error().message,
        HasSubstr(
            "'Globals' section is invalid. 'Role' is not a supported property of 'Function'."));
}

TEST(SamTransform, UnsupportedEventsAreNamed) {
    const auto document = transformed(
        R"({"Resources":{"F":{"Type":"AWS::Serverless::Function","Properties":{"CodeUri":"s3://b/k",
        "Events":{"E":{"Type":"Api","Properties":{}}}}}}})");
    ASSERT_FALSE(document);
    EXPECT_THAT(document.error().message,
                HasSubstr("Event with id [E] is invalid. Events of type Api"));
}

std::string s3_event(std::string_view bucket, std::string_view events = R"("s3:ObjectCreated:*")") {
    const auto document = transformed(
        R"({"Conditions":{"C":{"Fn::Equals":["a","a"]}},"Resources":{"B":)" + std::string(bucket) +
        R"(,"F":{"Type":"AWS::Serverless::Function","Condition":"C","Properties":{
        "CodeUri":"s3://b/k","Handler":"a.b","Runtime":"python3.13","Events":{"E":{"Type":"S3",
        "Properties":{"Bucket":{"Ref":"B"},"Events":)" +
        std::string(events) + "}}}}}}}");
    return document ? "made" : document.error().message;
}

TEST(SamTransform, ABucketThatComputesWhatAnEventAddsToIsRefused) {
    EXPECT_EQ(s3_event(R"({"Type":"AWS::S3::Bucket"})"), "made");
    for (const char* notifications :
         {R"("text")", "[1]", R"({"Fn::If":["C",{},{"Ref":"AWS::NoValue"}]})",
          R"({"LambdaConfigurations":"text"})",
          R"({"LambdaConfigurations":{"Fn::If":["C",[],{"Ref":"AWS::NoValue"}]}})"}) {
        EXPECT_THAT(
            s3_event(R"({"Type":"AWS::S3::Bucket","Properties":{"NotificationConfiguration":)" +
                     std::string(notifications) + "}}"),
            HasSubstr("LambdaConfigurations a list"))
            << notifications;
    }
    EXPECT_THAT(
        s3_event(R"({"Type":"AWS::S3::Bucket","Properties":{"Tags":{"Fn::If":["C",[],[]]}}})"),
        HasSubstr("Tags must be a list"));
    EXPECT_THAT(s3_event(R"({"Type":"AWS::S3::Bucket","Properties":{"Fn::If":["C",{},{}]}})"),
                HasSubstr("must be"));
    EXPECT_THAT(s3_event(R"({"Type":"AWS::SQS::Queue"})"),
                HasSubstr("must reference an S3 bucket"));
}

TEST(SamTransform, ABucketTakesAHundredNotifications) {
    std::string events = "[";
    for (int i = 0; i < 101; ++i) events += R"("s3:ObjectCreated:Put",)";
    events.back() = ']';
    EXPECT_THAT(s3_event(R"({"Type":"AWS::S3::Bucket"})", events), HasSubstr("at most 100"));
}

TEST(SamTransform, RefusesToMakeMuchOfLittle) {
    Value document = *wire::parse_template(walkthrough);
    document["Globals"]["Function"]["Environment"]["Variables"]["A"] = std::string(400'000, 'a');
    const Value function = *document["Resources"].find("LambdaConsumer");
    EXPECT_TRUE(sam_transform(document));
    for (int i = 0; i < 400; ++i) document["Resources"]["F" + std::to_string(i)] = function;
    const auto transformed_document = sam_transform(std::move(document));
    ASSERT_FALSE(transformed_document);
    EXPECT_THAT(transformed_document.error().message,
                HasSubstr("The transformed template is too large."));
}

}  // namespace
}  // namespace mill::cloudformation
