// SPDX-License-Identifier: Apache-2.0
// SAM's policy templates, those that pipelines use.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/assert.h"
#include "services/cloudformation/sam_transform.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

struct Statement {
    std::span<const std::string_view> actions;
    std::span<const std::string_view>
        resources;  // Fn::Sub texts; ${variable} is the template's parameter
};

struct PolicyTemplate {
    std::string_view name;
    std::string_view parameter;  // "StreamName"; empty for none
    std::string_view variable;   // "streamName", in resources
    std::span<const Statement> statements;
};

using Texts = std::string_view[];

constexpr Texts kinesis_crud = {"kinesis:AddTagsToStream",
                                "kinesis:CreateStream",
                                "kinesis:DecreaseStreamRetentionPeriod",
                                "kinesis:DeleteStream",
                                "kinesis:DescribeStream",
                                "kinesis:DescribeStreamSummary",
                                "kinesis:GetShardIterator",
                                "kinesis:IncreaseStreamRetentionPeriod",
                                "kinesis:ListTagsForStream",
                                "kinesis:MergeShards",
                                "kinesis:PutRecord",
                                "kinesis:PutRecords",
                                "kinesis:SplitShard",
                                "kinesis:RemoveTagsFromStream"};
constexpr Texts kinesis_list = {"kinesis:ListStreams", "kinesis:DescribeLimits"};
constexpr Texts kinesis_read = {"kinesis:DescribeStream", "kinesis:DescribeStreamSummary",
                                "kinesis:GetRecords", "kinesis:GetShardIterator"};
constexpr Texts sqs_send = {"sqs:SendMessage*"};
constexpr Texts sqs_poll = {"sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch",
                            "sqs:DeleteMessage",           "sqs:DeleteMessageBatch",
                            "sqs:GetQueueAttributes",      "sqs:ReceiveMessage"};
constexpr Texts sns_publish = {"sns:Publish"};
constexpr Texts lambda_invoke = {"lambda:InvokeFunction"};
constexpr Texts s3_read = {"s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation",
                           "s3:GetObjectVersion", "s3:GetLifecycleConfiguration"};
constexpr Texts s3_crud = {"s3:GetObject",
                           "s3:ListBucket",
                           "s3:GetBucketLocation",
                           "s3:GetObjectVersion",
                           "s3:PutObject",
                           "s3:PutObjectAcl",
                           "s3:GetLifecycleConfiguration",
                           "s3:PutLifecycleConfiguration",
                           "s3:DeleteObject"};
constexpr Texts put_metric = {"cloudwatch:PutMetricData"};

constexpr Texts any_stream = {
    "arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/*"};
constexpr Texts stream = {
    "arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/${streamName}"};
constexpr Texts queue = {"arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${queueName}"};
constexpr Texts topic = {"arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${topicName}"};
constexpr Texts function = {
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${functionName}*"};
constexpr Texts bucket = {"arn:${AWS::Partition}:s3:::${bucketName}",
                          "arn:${AWS::Partition}:s3:::${bucketName}/*"};
constexpr Texts anything = {"*"};

constexpr Statement kinesis_crud_statements[] = {{kinesis_crud, stream}};
constexpr Statement kinesis_read_statements[] = {{kinesis_list, any_stream},
                                                 {kinesis_read, stream}};
constexpr Statement sqs_send_statements[] = {{sqs_send, queue}};
constexpr Statement sqs_poll_statements[] = {{sqs_poll, queue}};
constexpr Statement sns_publish_statements[] = {{sns_publish, topic}};
constexpr Statement lambda_invoke_statements[] = {{lambda_invoke, function}};
constexpr Statement s3_read_statements[] = {{s3_read, bucket}};
constexpr Statement s3_crud_statements[] = {{s3_crud, bucket}};
constexpr Statement put_metric_statements[] = {{put_metric, anything}};

constexpr PolicyTemplate templates[] = {
    {"KinesisCrudPolicy", "StreamName", "streamName", kinesis_crud_statements},
    {"KinesisStreamReadPolicy", "StreamName", "streamName", kinesis_read_statements},
    {"SQSSendMessagePolicy", "QueueName", "queueName", sqs_send_statements},
    {"SQSPollerPolicy", "QueueName", "queueName", sqs_poll_statements},
    {"SNSPublishMessagePolicy", "TopicName", "topicName", sns_publish_statements},
    {"LambdaInvokePolicy", "FunctionName", "functionName", lambda_invoke_statements},
    {"S3ReadPolicy", "BucketName", "bucketName", s3_read_statements},
    {"S3CrudPolicy", "BucketName", "bucketName", s3_crud_statements},
    {"CloudWatchPutMetricPolicy", "", "", put_metric_statements},
};

const PolicyTemplate* find_template(std::string_view name) {
    const auto found = std::ranges::find(templates, name, &PolicyTemplate::name);
    return found == std::end(templates) ? nullptr : found;
}

Value resource_of(std::string_view text, const PolicyTemplate& policy, const Value& parameter) {
    if (text == "*") return text;
    if (text.find(fmt::format("${{{}}}", policy.variable)) == text.npos ||
        policy.variable.empty()) {
        return Value::Map{{"Fn::Sub", text}};
    }
    Value::Map variables{{std::string(policy.variable), parameter}};
    return Value::Map{{"Fn::Sub", Value::List{text, std::move(variables)}}};
}

}  // namespace

bool is_policy_template(std::string_view name) { return find_template(name) != nullptr; }

Result<Value> policy_from_template(std::string_view name, const Value& parameters) {
    const PolicyTemplate* policy = find_template(name);
    MILL_ASSERT(policy);
    Value parameter;
    if (!policy->parameter.empty()) {
        const Value* given = parameters.find(policy->parameter);
        if (!given) {
            return fail(
                "sam",
                fmt::format("Following required parameters of template '{}' don't have values: "
                            "['{}']",
                            name, policy->parameter));
        }
        parameter = *given;
    }
    Value::List statements;
    for (const Statement& statement : policy->statements) {
        Value::List actions, resources;
        for (const std::string_view action : statement.actions) actions.emplace_back(action);
        for (const std::string_view text : statement.resources) {
            resources.push_back(resource_of(text, *policy, parameter));
        }
        Value resource = resources.size() == 1 ? resources.front() : Value(std::move(resources));
        statements.push_back(Value::Map{{"Action", std::move(actions)},
                                        {"Effect", "Allow"},
                                        {"Resource", std::move(resource)}});
    }
    return Value(Value::Map{{"Statement", std::move(statements)}});
}

std::string managed_policy_arn(std::string_view name) {
    if (name.starts_with("arn:")) return std::string(name);
    static constexpr std::array<std::string_view, 8> service_roles = {
        "AWSLambdaBasicExecutionRole",     "AWSLambdaKinesisExecutionRole",
        "AWSLambdaSQSQueueExecutionRole",  "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaVPCAccessExecutionRole", "AWSLambdaENIManagementAccess",
        "AWSLambdaMSKExecutionRole",       "AWSLambdaRole"};
    const bool is_service_role = std::ranges::find(service_roles, name) != service_roles.end();
    return fmt::format("arn:aws:iam::aws:policy/{}{}", is_service_role ? "service-role/" : "",
                       name);
}

}  // namespace mill::cloudformation
