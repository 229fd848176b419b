// SPDX-License-Identifier: Apache-2.0
// Events of AWS::Serverless::Function: mappings, rules, subscriptions, filters and notifications,
// each with the permission that it needs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "services/cloudformation/intrinsics.h"
#include "services/cloudformation/sam_function.h"
#include "services/cloudformation/sam_transform.h"
#include "services/cloudformation/template.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

// Of events that become mappings; AWS::Lambda::EventSourceMapping has them under the same name.
constexpr std::array<std::string_view, 17> mapping_properties = {"StartingPosition",
                                                                 "StartingPositionTimestamp",
                                                                 "BatchSize",
                                                                 "MaximumBatchingWindowInSeconds",
                                                                 "ParallelizationFactor",
                                                                 "MaximumRetryAttempts",
                                                                 "MaximumRecordAgeInSeconds",
                                                                 "BisectBatchOnFunctionError",
                                                                 "FilterCriteria",
                                                                 "FunctionResponseTypes",
                                                                 "TumblingWindowInSeconds",
                                                                 "Enabled",
                                                                 "KmsKeyArn",
                                                                 "MetricsConfig",
                                                                 "ScalingConfig",
                                                                 "ProvisionedPollerConfig",
                                                                 "DestinationConfig"};

bool has(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

Failure invalid_event(std::string_view id, std::string_view why) {
    return sam_reason(fmt::format("Event with id [{}] is invalid. {}", id, why));
}

// The list of that name, to add to; null if the template computes it or has something else there.
Value* list_to_extend(Value& map, std::string_view name) {
    if (map.is_null()) map = Value::map();
    if (!map.members() || call_of(map)) return nullptr;
    Value& list = map[name];
    return list.is_null() || list.items() ? &list : nullptr;
}

// That the event has what it must and nothing that its type does not know.
Result<void> check_event(const std::string& id, std::string_view type, const Value& event,
                         std::span<const std::string_view> required,
                         std::span<const std::string_view> optional) {
    const auto invalid = [&](const std::string& why) {
        return fail(std::string(sam_made_error),
                    fmt::format("Resource with id [{}] is invalid. {}", id, why));
    };
    for (const auto& [name, value] : *event.members()) {
        if (!has(required, name) && !has(optional, name)) {
            return invalid(
                fmt::format("property {} not defined for resource of type {}", name, type));
        }
    }
    for (const std::string_view name : required) {
        if (!event.find(name)) return invalid(fmt::format("Missing required property '{}'.", name));
    }
    return {};
}

void copy_named(const Value& from, Value& to, std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
        if (const Value* value = from.find(name)) to[name] = *value;
    }
}

}  // namespace

Result<void> FunctionTransform::add_events() {
    const Value* events = properties_.find("Events");
    if (!events) return {};
    if (!events->members()) return sam_reason("'Events' must be a map.");
    if (events->members()->size() > limits::resources_max)
        return sam_reason(fmt::format("It has more than {} events.", limits::resources_max));
    for (const auto& [name, event] : *events->members()) MILL_CHECK(add_event(name, event));
    return {};
}

Result<void> FunctionTransform::add_event(const std::string& name, const Value& event) {
    const std::string type = text_of(event, "Type");
    if (type.empty()) {
        return invalid_event(
            name, "Resource dict has missing or invalid value for key Type. Event Type is: None.");
    }
    const Value* properties = event.find("Properties");
    if (!properties || !properties->members())
        return invalid_event(name, "Missing required property 'Properties'.");
    const std::string id = id_ + name;
    if (type == "Kinesis" || type == "DynamoDB" || type == "SQS")
        return add_mapping(id, type, *properties);
    if (type == "Schedule") return add_rule(id, true, *properties);
    if (type == "CloudWatchEvent" || type == "EventBridgeRule")
        return add_rule(id, false, *properties);
    if (type == "SNS") return add_subscription(id, *properties);
    if (type == "CloudWatchLogs") return add_log_filter(id, *properties);
    if (type == "S3") return add_notification(name, *properties);
    return invalid_event(
        name, fmt::format("Events of type {} are not supported by Millrace (supported: Kinesis, "
                          "DynamoDB, SQS, SNS, S3, Schedule, CloudWatchEvent, EventBridgeRule, "
                          "CloudWatchLogs).",
                          type));
}

Result<void> FunctionTransform::add_mapping(const std::string& id, std::string_view type,
                                            const Value& event) {
    static constexpr std::array<std::string_view, 1> of_queue = {"Queue"};
    static constexpr std::array<std::string_view, 2> of_stream = {"Stream", "StartingPosition"};
    const bool is_queue = type == "SQS";
    const std::span<const std::string_view> required =
        is_queue ? std::span<const std::string_view>(of_queue) : of_stream;
    MILL_CHECK(check_event(id, type, event, required, mapping_properties));
    Value mapping = Value::Map{{"EventSourceArn", *event.find(required.front())}};
    mapping["FunctionName"] = target_name();
    copy_named(event, mapping, mapping_properties);
    if (Value* config = mapping.find("DestinationConfig");
        config && config->members() && !config->members()->empty()) {
        MILL_TRY(*config, destination(id, *config));
    }
    use_managed_policy(is_queue            ? "AWSLambdaSQSQueueExecutionRole"
                       : type == "Kinesis" ? "AWSLambdaKinesisExecutionRole"
                                           : "AWSLambdaDynamoDBExecutionRole");
    add(id, "AWS::Lambda::EventSourceMapping", std::move(mapping));
    return {};
}

// Type is for the role's policy only; the mapping knows its destination by the ARN.
Result<Value> FunctionTransform::destination(const std::string& id, const Value& config) {
    const Value* on_failure = config.find("OnFailure");
    const Value* target = on_failure ? on_failure->find("Destination") : nullptr;
    if (!target)
        return invalid_event(id, "'OnFailure' is a required field for 'DestinationConfig'");
    const std::string type = text_of(*on_failure, "Type");
    Value::List statements;
    if (type == "SQS") statements.push_back(statement("sqs:SendMessage", *target));
    if (type == "SNS") statements.push_back(statement("sns:publish", *target));
    if (type == "S3") {
        Value objects = Value::Map{{"Fn::Join", Value::List{"/", Value::List{*target, "*"}}}};
        statements.push_back(statement("s3:PutObject", std::move(objects)));
        statements.push_back(statement("s3:ListBucket", *target));
    }
    if (!statements.empty()) {
        const Value document = Value::Map{{"Statement", std::move(statements)}};
        const bool is_allowed = std::ranges::any_of(policies_, [&](const Value& policy) {
            return *policy.find("PolicyDocument") == document;
        });
        if (!is_allowed) add_policy(id + type + "Policy", document);
    }
    if (!type.empty() && type != "SQS" && type != "SNS" && type != "S3" && type != "Kafka") {
        return invalid_event(
            id, "The only valid values for 'Type' are 'SQS', 'SNS', 'S3', and 'Kafka'");
    }
    Value kept = *on_failure;
    kept.erase("Type");
    return Value(Value::Map{{"OnFailure", std::move(kept)}});
}

void FunctionTransform::add_permission(const std::string& id, std::string_view principal,
                                       Value source_arn) {
    Value permission = Value::Map{{"Action", "lambda:InvokeFunction"}};
    permission["FunctionName"] = target_name();
    permission["Principal"] = principal;
    // A bucket's ARN would make a circle: the bucket waits for its permission.
    if (source_arn.is_null()) {
        permission["SourceAccount"] = Value::Map{{"Ref", "AWS::AccountId"}};
    } else {
        permission["SourceArn"] = std::move(source_arn);
    }
    add(id + "Permission", "AWS::Lambda::Permission", std::move(permission));
}

Result<void> FunctionTransform::add_rule(const std::string& id, bool is_schedule,
                                         const Value& event) {
    static constexpr std::array<std::string_view, 1> schedule_required = {"Schedule"};
    static constexpr std::array<std::string_view, 8> schedule_optional = {
        "RuleName", "Input",       "Enabled",          "State",
        "Name",     "Description", "DeadLetterConfig", "RetryPolicy"};
    static constexpr std::array<std::string_view, 10> pattern_optional = {
        "Pattern",          "EventBusName", "RuleName", "Input", "InputPath",
        "InputTransformer", "Target",       "Enabled",  "State", "RetryPolicy"};
    if (is_schedule) {
        MILL_CHECK(check_event(id, "Schedule", event, schedule_required, schedule_optional));
    } else {
        std::vector<std::string_view> known(pattern_optional.begin(), pattern_optional.end());
        known.push_back("DeadLetterConfig");
        MILL_CHECK(check_event(id, "EventBridgeRule", event, {}, known));
    }
    const Value* enabled = event.find("Enabled");
    if (enabled && event.find("State"))
        return invalid_event(id, "State and Enabled Properties cannot both be specified.");
    Value rule = Value::map();
    static constexpr std::array<std::string_view, 4> passed_on = {"Name", "Description", "State",
                                                                  "EventBusName"};
    copy_named(event, rule, passed_on);
    if (const Value* schedule = event.find("Schedule")) rule["ScheduleExpression"] = *schedule;
    if (const Value* pattern = event.find("Pattern")) rule["EventPattern"] = *pattern;
    if (const Value* name = event.find("RuleName"); name && !is_schedule) rule["Name"] = *name;
    if (enabled) rule["State"] = scalar_text(*enabled) == "true" ? "ENABLED" : "DISABLED";
    const Value* own_target = event.find("Target");
    Value target = Value::map();
    target["Arn"] = target_arn();
    target["Id"] =
        own_target ? text_of(*own_target, "Id", id + "LambdaTarget") : id + "LambdaTarget";
    static constexpr std::array<std::string_view, 4> of_target = {
        "Input", "InputPath", "RetryPolicy", "InputTransformer"};
    copy_named(event, target, of_target);
    if (const Value* letters = event.find("DeadLetterConfig")) {
        if (!letters->find("Arn")) {
            return invalid_event(id,
                                 "DeadLetterConfig needs its Arn: Millrace makes no queue for "
                                 "it.");
        }
        target["DeadLetterConfig"] = Value::Map{{"Arn", *letters->find("Arn")}};
    }
    rule["Targets"] = Value::List{std::move(target)};
    add(id, "AWS::Events::Rule", std::move(rule));
    add_permission(id, "events.amazonaws.com", get_att(id, "Arn"));
    return {};
}

Result<void> FunctionTransform::add_subscription(const std::string& id, const Value& event) {
    static constexpr std::array<std::string_view, 1> required = {"Topic"};
    static constexpr std::array<std::string_view, 5> optional = {
        "Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "SqsSubscription"};
    MILL_CHECK(check_event(id, "SNS", event, required, optional));
    const Value& topic = *event.find("Topic");
    Value subscription = Value::Map{{"TopicArn", topic}};
    copy_named(event, subscription, std::span(optional).first(optional.size() - 1));
    const Value* by_queue = event.find("SqsSubscription");
    if (by_queue && scalar_text(*by_queue) != "false") {
        subscription["Protocol"] = "sqs";
        MILL_TRY(subscription["Endpoint"], queue_between(id, topic, *by_queue));
    } else {
        subscription["Protocol"] = "lambda";
        subscription["Endpoint"] = target_arn();
        add_permission(id, "sns.amazonaws.com", topic);
    }
    add(id, "AWS::SNS::Subscription", std::move(subscription));
    return {};
}

// The ARN of the queue from which the function takes the topic's messages: a new one, or the one
// that SqsSubscription describes.
Result<Value> FunctionTransform::queue_between(const std::string& id, const Value& topic,
                                               const Value& config) {
    constexpr std::int64_t batch_size_default = 10;
    Value arn = get_att(id + "Queue", "Arn");
    Value url = Value::Map{{"Ref", id + "Queue"}};
    std::string policy_id = id + "QueuePolicy";
    Value batch_size = batch_size_default;
    if (config.members()) {
        const Value *given_arn = config.find("QueueArn"), *given_url = config.find("QueueUrl");
        if (!given_arn || !given_url) return invalid_event(id, "No QueueARN or QueueURL provided.");
        arn = *given_arn;
        url = *given_url;
        policy_id = text_of(config, "QueuePolicyLogicalId", policy_id);
        if (const Value* size = config.find("BatchSize")) batch_size = *size;
    } else {
        Value queue = Value::map();
        const Value* written = shared_.resources.find(text_of(topic, "Ref"));
        const Value* settings = written ? written->find("Properties") : nullptr;
        const Value* fifo = settings ? settings->find("FifoTopic") : nullptr;
        if (fifo && scalar_text(*fifo) == "true") queue["FifoQueue"] = *fifo;
        add(id + "Queue", "AWS::SQS::Queue", std::move(queue));
    }
    Value allowed = Value::Map{
        {"Action", "sqs:SendMessage"}, {"Effect", "Allow"}, {"Principal", "*"}, {"Resource", arn}};
    allowed["Condition"]["ArnEquals"]["aws:SourceArn"] = topic;
    Value policy = Value::Map{{"Queues", Value::List{std::move(url)}}};
    policy["PolicyDocument"] =
        Value::Map{{"Version", "2012-10-17"}, {"Statement", Value::List{std::move(allowed)}}};
    add(policy_id, "AWS::SQS::QueuePolicy", std::move(policy));
    Value mapping = Value::Map{{"EventSourceArn", arn}, {"BatchSize", std::move(batch_size)}};
    mapping["FunctionName"] = target_name();
    mapping["Enabled"] = true;
    use_managed_policy("AWSLambdaSQSQueueExecutionRole");
    add(id + "EventSourceMapping", "AWS::Lambda::EventSourceMapping", std::move(mapping));
    return arn;
}

Result<void> FunctionTransform::add_log_filter(const std::string& id, const Value& event) {
    static constexpr std::array<std::string_view, 2> required = {"LogGroupName", "FilterPattern"};
    MILL_CHECK(check_event(id, "CloudWatchLogs", event, required, {}));
    Value filter = Value::map();
    copy_named(event, filter, required);
    filter["DestinationArn"] = target_arn();
    constexpr auto group_arn =
        "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:${__LogGroupName__}:*";
    Value name = Value::Map{{"__LogGroupName__", *event.find("LogGroupName")}};
    add_permission(id, "logs.amazonaws.com",
                   Value::Map{{"Fn::Sub", Value::List{group_arn, std::move(name)}}});
    add(id, "AWS::Logs::SubscriptionFilter", std::move(filter), id + "Permission");
    return {};
}

// The bucket of the template gets the notification, and waits for the permission.
Result<void> FunctionTransform::add_notification(const std::string& name, const Value& event) {
    const std::string id = id_ + name;
    static constexpr std::array<std::string_view, 2> required = {"Bucket", "Events"};
    static constexpr std::array<std::string_view, 1> optional = {"Filter"};
    MILL_CHECK(check_event(id, "S3", event, required, optional));
    const std::string bucket_id = text_of(*event.find("Bucket"), "Ref");
    const Value* written = shared_.resources.find(bucket_id);
    if (bucket_id.empty() || !written || text_of(*written, "Type") != "AWS::S3::Bucket")
        return invalid_event(name, "S3 events must reference an S3 bucket in the same template.");
    Value& bucket = shared_.buckets.try_emplace(bucket_id, *written).first->second;
    const std::string permission_id = id + "Permission";
    const std::string condition = text_of(resource_, "Condition");
    if (!bucket.find("Properties")) bucket["Properties"] = Value::map();
    if (condition.empty()) {
        Value::List waits_for;
        if (const Value* listed = bucket.find("DependsOn"))
            waits_for = listed->items() ? *listed->items() : Value::List{*listed};
        waits_for.emplace_back(permission_id);
        bucket["DependsOn"] = std::move(waits_for);
    } else {  // DependsOn knows no conditions: a tag that refers to the permission does the same
        Value reference = Value::Map{{"Ref", permission_id}};
        Value choice =
            Value::Map{{"Fn::If", Value::List{condition, std::move(reference), "no dependency"}}};
        Value* tags = list_to_extend(bucket["Properties"], "Tags");
        if (!tags) return invalid_event(name, "The bucket's Tags must be a list, without Fn::If.");
        tags->push_back(Value::Map{{"Key", "sam:ConditionalDependsOn:" + permission_id},
                                   {"Value", std::move(choice)}});
    }
    constexpr std::size_t notifications_max = 100;
    Value& properties = bucket["Properties"];
    Value* listed =
        properties.members() && !call_of(properties)
            ? list_to_extend(properties["NotificationConfiguration"], "LambdaConfigurations")
            : nullptr;
    if (!listed)
        return invalid_event(name,
                             "The bucket's NotificationConfiguration must be a map and its "
                             "LambdaConfigurations a list, without Fn::If.");
    const Value& types = *event.find("Events");
    for (const Value& type : types.items() ? *types.items() : Value::List{types}) {
        Value configuration = Value::Map{{"Event", type}};
        configuration["Function"] = target_arn();
        if (const Value* filter = event.find("Filter")) configuration["Filter"] = *filter;
        if (!condition.empty()) {
            Value none = Value::Map{{"Ref", "AWS::NoValue"}};
            configuration = Value::Map{
                {"Fn::If", Value::List{condition, std::move(configuration), std::move(none)}}};
        }
        if (listed->items() && listed->items()->size() >= notifications_max)
            return invalid_event(name, "A bucket takes at most 100 notification configurations.");
        listed->push_back(std::move(configuration));
    }
    add_permission(id, "s3.amazonaws.com", Value());
    return {};
}

}  // namespace mill::cloudformation
