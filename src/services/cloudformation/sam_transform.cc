// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/sam_transform.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <vector>

#include "services/cloudformation/intrinsics.h"
#include "services/cloudformation/template.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

// Globals and tags are copied to every resource that is made: a small template can mean a huge one.
constexpr std::size_t transformed_bytes_max = 64 * 1024 * 1024;

// A reason why a resource is invalid; sam_transform() puts it into AWS's words.
Failure reason(std::string text) { return fail("sam", std::move(text)); }

template <class Names>
bool has(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// Properties that AWS::Lambda::Function has under the same name.
constexpr std::array<std::string_view, 17> passed_on = {"FunctionName",
                                                        "Description",
                                                        "Handler",
                                                        "Runtime",
                                                        "MemorySize",
                                                        "Timeout",
                                                        "Environment",
                                                        "VpcConfig",
                                                        "Layers",
                                                        "KmsKeyArn",
                                                        "ReservedConcurrentExecutions",
                                                        "EphemeralStorage",
                                                        "Architectures",
                                                        "LoggingConfig",
                                                        "RecursiveLoop",
                                                        "CodeSigningConfigArn",
                                                        "RuntimeManagementConfig"};
constexpr std::array<std::string_view, 15> carried_out = {"CodeUri",
                                                          "InlineCode",
                                                          "PackageType",
                                                          "Role",
                                                          "Policies",
                                                          "AssumeRolePolicyDocument",
                                                          "PermissionsBoundary",
                                                          "RolePath",
                                                          "Events",
                                                          "DeadLetterQueue",
                                                          "Tags",
                                                          "PropagateTags",
                                                          "Tracing",
                                                          "FileSystemConfigs",
                                                          "SnapStart"};
constexpr std::array<std::string_view, 20> refused = {"ImageUri",
                                                      "ImageConfig",
                                                      "AutoPublishAlias",
                                                      "AutoPublishAliasAllProperties",
                                                      "AutoPublishCodeSha256",
                                                      "DeploymentPreference",
                                                      "ProvisionedConcurrencyConfig",
                                                      "EventInvokeConfig",
                                                      "FunctionUrlConfig",
                                                      "VersionDescription",
                                                      "VersionDeletionPolicy",
                                                      "SourceKMSKeyArn",
                                                      "TenancyConfig",
                                                      "DurableConfig",
                                                      "CapacityProviderConfig",
                                                      "FunctionScalingConfig",
                                                      "PublishToLatestPublished",
                                                      "Code",
                                                      "ManagedPolicyArns",
                                                      "KMSKeyArn"};
constexpr std::array<std::string_view, 5> not_global = {"Role", "Policies", "FunctionName",
                                                        "Events", "InlineCode"};
constexpr std::array<std::string_view, 9> global_sections = {
    "Function",         "Api",          "HttpApi",    "SimpleTable", "StateMachine", "LayerVersion",
    "CapacityProvider", "WebSocketApi", "Application"};
// Of a Kinesis event; AWS::Lambda::EventSourceMapping has them under the same name.
constexpr std::array<std::string_view, 14> event_passed_on = {"StartingPosition",
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
                                                              "MetricsConfig"};

Value get_att(const std::string& id, std::string_view attribute) {
    return Value::Map{{"Fn::GetAtt", Value::List{id, attribute}}};
}
Value ref(const std::string& id) { return Value::Map{{"Ref", id}}; }
Value tag(std::string_view key, Value value) {
    return Value::Map{{"Key", key}, {"Value", std::move(value)}};
}

// Maps merge, lists are joined with the global part first, otherwise the function wins.
Value merged(const Value& global, const Value& local) {
    if (global.members() && local.members() && !call_of(global) && !call_of(local)) {
        Value out = global;
        for (const auto& [name, value] : *local.members()) {
            const Value* below = global.find(name);
            out[name] = below ? merged(*below, value) : value;
        }
        return out;
    }
    if (global.items() && local.items()) {
        Value::List out = *global.items();
        out.insert(out.end(), local.items()->begin(), local.items()->end());
        return out;
    }
    return local;
}

Result<Value> global_function(const Value& document) {
    const Value* globals = document.find("Globals");
    if (!globals) return Value::map();
    if (!globals->members())
        return reason("'Globals' section is invalid. It must be a non-empty dictionary");
    for (const auto& [section, properties] : *globals->members()) {
        if (!has(global_sections, section)) {
            return reason(
                fmt::format("'Globals' section is invalid. '{}' is not supported. Must be one of "
                            "the following values - [{}]",
                            section, fmt::join(global_sections, ", ")));
        }
    }
    const Value* function = globals->find("Function");
    if (!function) return Value::map();
    if (!function->members())
        return reason("'Globals' section is invalid. Value of ${Function} must be a dictionary");
    std::vector<std::string_view> supported;
    for (const auto& names : {std::span<const std::string_view>(passed_on),
                              std::span<const std::string_view>(carried_out)}) {
        for (const std::string_view name : names) {
            if (!has(not_global, name)) supported.push_back(name);
        }
    }
    for (const auto& [name, value] : *function->members()) {
        if (!has(supported, name)) {
            return reason(
                fmt::format("'Globals' section is invalid. '{}' is not a supported property of "
                            "'Function'. Must be one of the following values - [{}]",
                            name, fmt::join(supported, ", ")));
        }
    }
    return *function;
}

// One AWS::Serverless::Function on its way to plain resources.
class FunctionTransform {
  public:
    FunctionTransform(const std::string& id, const Value& resource, const Value& properties)
        : id_(id), resource_(resource), properties_(properties) {}

    // The function, its role, its mappings, in this order.
    Result<Value::Map> run() {
        MILL_CHECK(check_names());
        MILL_CHECK(add_events());
        MILL_CHECK(add_policies());
        MILL_CHECK(add_dead_letter_queue());
        MILL_TRY(Value function, function_properties());
        Value::Map out;
        out.emplace_back(id_, resource_of("AWS::Lambda::Function", std::move(function), true));
        if (!properties_.find("Role")) {
            out.emplace_back(id_ + "Role", resource_of("AWS::IAM::Role", role_properties(), false));
        }
        for (auto& mapping : mappings_) out.push_back(std::move(mapping));
        return out;
    }

  private:
    Result<void> check_names() const {
        for (const auto& [name, value] : *properties_.members()) {
            if (has(refused, name)) {
                return reason(fmt::format(
                    "Property '{}' of AWS::Serverless::Function is not supported by Millrace.",
                    name));
            }
            if (!has(passed_on, name) && !has(carried_out, name)) {
                return reason(fmt::format(
                    "property {} not defined for resource of type AWS::Serverless::Function",
                    name));
            }
        }
        if (text_of(properties_, "PackageType", "Zip") != "Zip") {
            return reason("PackageType Image is not supported by Millrace; use Zip.");
        }
        return {};
    }

    // With what the function's resource says beside its properties: Condition and the like on all
    // that it generates.
    Value resource_of(std::string_view type, Value properties, bool is_function) const {
        Value out = Value::map();
        out["Type"] = type;
        for (const std::string_view name :
             {"Condition", "DependsOn", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"}) {
            const Value* value = resource_.find(name);
            if (value && (is_function || name != "DependsOn")) out[name] = *value;
        }
        out["Properties"] = std::move(properties);
        return out;
    }

    Result<Value> code() const {
        const Value* inline_code = properties_.find("InlineCode");
        const Value* uri = properties_.find("CodeUri");
        if (inline_code) return Value(Value::Map{{"ZipFile", *inline_code}});
        if (!uri) return reason("'InlineCode' or 'CodeUri' is required.");
        if (const std::string* text = uri->string()) {
            const std::string_view rest =
                std::string_view(*text).substr(text->starts_with("s3://") ? 5 : 0);
            const std::size_t slash = rest.find('/');
            if (!text->starts_with("s3://") || slash == 0 || slash == rest.npos ||
                slash + 1 == rest.size()) {
                return reason(
                    "'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional "
                    "versionId query parameter.");
            }
            return Value(
                Value::Map{{"S3Bucket", rest.substr(0, slash)}, {"S3Key", rest.substr(slash + 1)}});
        }
        const Value *bucket = uri->find("Bucket"), *key = uri->find("Key");
        if (!bucket || !key)
            return reason("'CodeUri' requires Bucket and Key properties to be specified.");
        Value::Map location{{"S3Bucket", *bucket}, {"S3Key", *key}};
        if (const Value* version = uri->find("Version"))
            location.emplace_back("S3ObjectVersion", *version);
        return Value(std::move(location));
    }

    Result<Value> function_properties() const {
        Value out = Value::map();
        MILL_TRY(out["Code"], code());
        for (const std::string_view name : passed_on) {
            if (const Value* value = properties_.find(name)) out[name] = *value;
        }
        for (const std::string_view name : {"FileSystemConfigs", "SnapStart", "PackageType"}) {
            if (const Value* value = properties_.find(name)) out[name] = *value;
        }
        if (const Value* tracing = properties_.find("Tracing"))
            out["TracingConfig"] = Value::Map{{"Mode", *tracing}};
        const Value* role = properties_.find("Role");
        out["Role"] = role ? *role : get_att(id_ + "Role", "Arn");
        if (!dead_letter_target_.is_null())
            out["DeadLetterConfig"] = Value::Map{{"TargetArn", dead_letter_target_}};
        out["Tags"] = tags(true);
        return out;
    }

    Value tags(bool with_own) const {
        Value::List out{tag("lambda:createdBy", "SAM")};
        const Value* own = properties_.find("Tags");
        if (with_own && own && own->members()) {
            for (const auto& [key, value] : *own->members()) out.push_back(tag(key, value));
        }
        return out;
    }

    bool propagates_tags() const {
        const Value* value = properties_.find("PropagateTags");
        return value && scalar_text(*value) == "true";
    }

    Value role_properties() const {
        Value statement =
            Value::Map{{"Action", Value::List{"sts:AssumeRole"}},
                       {"Effect", "Allow"},
                       {"Principal", Value::Map{{"Service", Value::List{"lambda.amazonaws.com"}}}}};
        Value trust =
            Value::Map{{"Version", "2012-10-17"}, {"Statement", Value::List{std::move(statement)}}};
        const Value* own_trust = properties_.find("AssumeRolePolicyDocument");
        Value::List managed{managed_policy_arn("AWSLambdaBasicExecutionRole")};
        if (text_of(properties_, "Tracing") == "Active")
            managed.emplace_back(managed_policy_arn("AWSXrayWriteOnlyAccess"));
        if (properties_.find("VpcConfig"))
            managed.emplace_back(managed_policy_arn("AWSLambdaVPCAccessExecutionRole"));
        std::set<std::string> listed;
        for (const Value& policy : managed) listed.insert(write_json(policy));
        for (const Value& policy : managed_policies_) {
            if (listed.insert(write_json(policy)).second) managed.push_back(policy);
        }
        Value out =
            Value::Map{{"AssumeRolePolicyDocument", own_trust ? *own_trust : std::move(trust)},
                       {"ManagedPolicyArns", std::move(managed)}};
        if (!policies_.empty()) out["Policies"] = policies_;
        if (const Value* path = properties_.find("RolePath")) out["Path"] = *path;
        if (const Value* boundary = properties_.find("PermissionsBoundary"))
            out["PermissionsBoundary"] = *boundary;
        out["Tags"] = tags(propagates_tags());
        return out;
    }
    static bool has(const Value::List& list, const Value& item) {
        return std::ranges::find(list, item) != list.end();
    }
    template <class Names>
    static bool has(const Names& names, std::string_view name) {
        return cloudformation::has(names, name);
    }

    void add_policy(std::string name, Value document) {
        policies_.push_back(
            Value::Map{{"PolicyName", std::move(name)}, {"PolicyDocument", std::move(document)}});
    }
    void allow(std::string name, std::string_view action, Value resource) {
        Value statement =
            Value::Map{{"Action", action}, {"Effect", "Allow"}, {"Resource", std::move(resource)}};
        add_policy(std::move(name), Value::Map{{"Version", "2012-10-17"},
                                               {"Statement", Value::List{std::move(statement)}}});
    }

    Result<void> add_policies() {
        const Value* given = properties_.find("Policies");
        if (!given) return {};
        const Value::List entries = given->items() ? *given->items() : Value::List{*given};
        for (std::size_t n = 0; n < entries.size(); ++n) {
            const Value& entry = entries[n];
            if (const std::string* name = entry.string()) {
                managed_policies_.emplace_back(managed_policy_arn(*name));
            } else if (const auto function = call_of(entry);
                       function && function->function != "Fn::If") {
                managed_policies_.push_back(entry);
            } else if (entry.find("Statement")) {
                add_policy(fmt::format("{}RolePolicy{}", id_, n), entry);
            } else if (entry.members() && entry.members()->size() == 1 &&
                       is_policy_template(entry.members()->front().first)) {
                const auto& [template_name, parameters] = entry.members()->front();
                MILL_TRY(Value document, policy_from_template(template_name, parameters));
                add_policy(fmt::format("{}RolePolicy{}", id_, n), std::move(document));
            } else {
                return reason(
                    fmt::format("Policy at index {} in the 'Policies' property is not valid: {}", n,
                                write_json(entry)));
            }
        }
        return {};
    }

    Result<void> add_dead_letter_queue() {
        const Value* queue = properties_.find("DeadLetterQueue");
        if (!queue) return {};
        const std::string type = text_of(*queue, "Type");
        const Value* target = queue->find("TargetArn");
        if (type.empty() || !target)
            return reason(
                "'DeadLetterQueue' requires Type and TargetArn properties to be specified.");
        if (type != "SQS" && type != "SNS")
            return reason("'DeadLetterQueue' requires Type of ['SQS', 'SNS']");
        dead_letter_target_ = *target;
        allow("DeadLetterQueuePolicy", type == "SQS" ? "sqs:SendMessage" : "sns:Publish", *target);
        return {};
    }

    Result<void> add_events() {
        const Value* events = properties_.find("Events");
        if (!events) return {};
        if (!events->members()) return reason("'Events' must be a map.");
        for (const auto& [name, event] : *events->members()) {
            const std::string type = text_of(event, "Type");
            if (type.empty())
                return reason(fmt::format(
                    "Event with id [{}] is invalid. Missing required property 'Type'.", name));
            if (type != "Kinesis") {
                return reason(
                    fmt::format("Event with id [{}] is invalid. Events of type {} are not "
                                "supported by Millrace (supported: Kinesis).",
                                name, type));
            }
            const Value* properties = event.find("Properties");
            if (!properties || !properties->members()) {
                return reason(fmt::format(
                    "Event with id [{}] is invalid. Missing required property 'Properties'.",
                    name));
            }
            MILL_CHECK(add_kinesis_event(name, *properties));
        }
        return {};
    }

    Result<void> add_kinesis_event(const std::string& name, const Value& event) {
        const std::string id = id_ + name;
        if (mappings_.size() == limits::resources_max)
            return reason(fmt::format("It has more than {} events.", limits::resources_max));
        const Value* stream = event.find("Stream");
        if (!stream)
            return reason(
                fmt::format("Event with id [{}] is invalid. No Queue (for SQS) or Stream (for "
                            "Kinesis, DynamoDB or MSK) provided.",
                            id));
        if (!event.find("StartingPosition")) {
            return reason(
                fmt::format("Event with id [{}] is invalid. StartingPosition is required for "
                            "Kinesis, DynamoDB and MSK.",
                            id));
        }
        Value mapping = Value::Map{{"EventSourceArn", *stream}, {"FunctionName", ref(id_)}};
        for (const auto& [property, value] : *event.members()) {
            if (property == "Stream") continue;
            if (property == "DestinationConfig") {
                MILL_TRY(mapping[property], destination(id, value));
            } else if (has(event_passed_on, property)) {
                mapping[property] = value;
            } else {
                return reason(
                    fmt::format("Event with id [{}] is invalid. property {} not defined for "
                                "resource of type Kinesis",
                                id, property));
            }
        }
        const Value kinesis_role = managed_policy_arn("AWSLambdaKinesisExecutionRole");
        if (!has(managed_policies_, kinesis_role)) managed_policies_.push_back(kinesis_role);
        if (propagates_tags()) mapping["Tags"] = tags(true);
        mappings_.emplace_back(
            id, resource_of("AWS::Lambda::EventSourceMapping", std::move(mapping), false));
        return {};
    }

    // Type is for the role's policy only; the mapping knows its destination by the ARN.
    Result<Value> destination(const std::string& id, const Value& config) {
        const Value* on_failure = config.find("OnFailure");
        const Value* target = on_failure ? on_failure->find("Destination") : nullptr;
        if (!target)
            return reason(
                fmt::format("Event with id [{}] is invalid. 'OnFailure' is a required field for "
                            "'DestinationConfig'",
                            id));
        const std::string type = text_of(*on_failure, "Type");
        if (type == "SQS") allow(id + "SQSPolicy", "sqs:SendMessage", *target);
        if (type == "SNS") allow(id + "SNSPolicy", "sns:Publish", *target);
        if (type == "S3") allow(id + "S3Policy", "s3:PutObject", *target);
        Value kept = *on_failure;
        kept.erase("Type");
        return Value(Value::Map{{"OnFailure", std::move(kept)}});
    }

    const std::string& id_;
    const Value& resource_;
    const Value& properties_;
    Value::Map mappings_;
    Value::List managed_policies_;
    Value::List policies_;
    Value dead_letter_target_;
};

Result<Value::Map> transformed(const std::string& id, const Value& resource, const Value& global) {
    const std::string type = text_of(resource, "Type");
    if (!type.starts_with("AWS::Serverless::")) return Value::Map{{id, resource}};
    if (type != "AWS::Serverless::Function") {
        return reason(
            fmt::format("Resources of type {} are not supported by Millrace (supported: "
                        "AWS::Serverless::Function).",
                        type));
    }
    const Value* own = resource.find("Properties");
    const Value properties = own ? merged(global, *own) : global;
    if (!properties.members()) return reason("'Properties' must be a map.");
    return FunctionTransform(id, resource, properties).run();
}

Failure invalid_specification(const std::vector<std::string>& errors) {
    return fail(
        "ValidationError",
        fmt::format(
            "Transform {} failed with: Invalid Serverless Application Specification document. "
            "Number of errors found: {}. {}",
            sam_transform_name, errors.size(), fmt::join(errors, " ")),
        400);
}

}  // namespace

Result<Value> sam_transform(Value document) {
    const Result<Value> global = global_function(document);
    if (!global) return invalid_specification({global.error().message});
    const Value* resources = document.find("Resources");
    if (!resources || !resources->members()) {
        return invalid_specification({"'Resources' section is required"});
    }
    Value::Map out;
    std::vector<std::string> errors;
    std::size_t bytes = 0;
    for (const auto& [id, resource] : *resources->members()) {
        Result<Value::Map> made = transformed(id, resource, *global);
        if (!made) {
            errors.push_back(
                fmt::format("Resource with id [{}] is invalid. {}", id, made.error().message));
            continue;
        }
        for (auto& entry : *made) {
            bytes += weight(entry.second);
            out.push_back(std::move(entry));
        }
        if (bytes > transformed_bytes_max)
            return invalid_specification({"The transformed template is too large."});
    }
    if (!errors.empty()) return invalid_specification(errors);
    document["Resources"] = Value(std::move(out));
    document.erase("Transform");
    document.erase("Globals");
    return document;
}

}  // namespace mill::cloudformation
