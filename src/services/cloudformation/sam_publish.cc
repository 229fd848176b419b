// SPDX-License-Identifier: Apache-2.0
// What AWS::Serverless::Function publishes: version and alias, URL, destinations of asynchronous
// invocations.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/cloudformation/sam_function.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

Value ref(const std::string& id) { return Value::Map{{"Ref", id}}; }

bool is_alias_name(std::string_view name) {
    bool has_other_than_digits = false;
    for (const char c : name) {
        const bool is_digit = c >= '0' && c <= '9';
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_digit && !is_letter && c != '-' && c != '_') return false;
        has_other_than_digits = has_other_than_digits || !is_digit;
    }
    return has_other_than_digits;
}

// Logical ids have letters and digits only.
std::string in_logical_id(std::string_view name) {
    std::string out(name);
    std::ranges::replace(out, '-', 'D');
    std::ranges::replace(out, '_', 'U');
    return out;
}

}  // namespace

Value FunctionTransform::target_name() const { return ref(alias_id_.empty() ? id_ : alias_id_); }

Value FunctionTransform::target_arn() const {
    return alias_id_.empty() ? get_att(id_, "Arn") : ref(alias_id_);
}

// The version's id tells the code, and what else the translator takes into account, so that a
// change of it publishes anew.
Result<void> FunctionTransform::add_alias(const Value& function) {
    const Value* given = properties_.find("AutoPublishAlias");
    if (!given) {
        if (!properties_.find("ProvisionedConcurrencyConfig")) return {};
        return sam_reason(
            "To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function");
    }
    const std::string* name = given->string();
    if (!name)
        return sam_reason(
            "AutoPublishAlias must be a string: Millrace resolves no function in it.");
    if (!is_alias_name(*name)) {
        return sam_reason(fmt::format(
            "AutoPublishAlias name ('{}') must contain only alphanumeric characters, hyphens, or "
            "underscores matching (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern.",
            *name));
    }
    Value content = *function.find("Code");
    if (const Value* environment = function.find("Environment"); environment) {
        if (const Value::Map* parts = environment->members()) {
            for (const auto& [part, value] : *parts) content[part] = value;
        }
    }
    if (const Value* memory = function.find("MemorySize")) content["MemorySize"] = *memory;
    if (const Value* snap = function.find("SnapStart");
        snap && text_of(*snap, "ApplyOn", "None") != "None")
        content["SnapStart"] = *snap;
    const std::string sha = text_of(properties_, "AutoPublishCodeSha256");
    const std::string version_id =
        id_ + "Version" + (sha.empty() ? content_hash(content) : sha.substr(0, 10));
    Value version = Value::Map{{"FunctionName", ref(id_)}};
    if (const Value* text = properties_.find("VersionDescription")) version["Description"] = *text;
    add(version_id, "AWS::Lambda::Version", std::move(version));
    Value& made = made_.back().second;
    if (!made.find("DeletionPolicy"))
        made["DeletionPolicy"] = text_of(properties_, "VersionDeletionPolicy", "Retain");
    alias_id_ = id_ + "Alias" + in_logical_id(*name);
    Value alias = Value::Map{{"Name", *name},
                             {"FunctionName", ref(id_)},
                             {"FunctionVersion", get_att(version_id, "Version")}};
    if (const Value* provisioned = properties_.find("ProvisionedConcurrencyConfig"))
        alias["ProvisionedConcurrencyConfig"] = *provisioned;
    add(alias_id_, "AWS::Lambda::Alias", std::move(alias));
    shared_.renamed[id_ + ".Alias"] = alias_id_;
    shared_.renamed[id_ + ".Version"] = version_id;
    return {};
}

Result<void> FunctionTransform::add_url() {
    const Value* config = properties_.find("FunctionUrlConfig");
    if (!config) return {};
    const std::string auth = text_of(*config, "AuthType");
    if (auth != "AWS_IAM" && auth != "NONE") {
        return sam_reason(
            "AuthType is required to configure function property `FunctionUrlConfig`. Please "
            "provide either AWS_IAM or NONE.");
    }
    Value url = Value::Map{{"AuthType", auth}};
    url["TargetFunctionArn"] = target_name();
    for (const std::string_view name : {"Cors", "InvokeMode"}) {
        if (const Value* value = config->find(name)) url[name] = *value;
    }
    add(id_ + "Url", "AWS::Lambda::Url", std::move(url));
    if (auth != "NONE") return {};
    Value by_url = Value::Map{{"Action", "lambda:InvokeFunctionUrl"}, {"Principal", "*"}};
    by_url["FunctionName"] = target_name();
    by_url["FunctionUrlAuthType"] = auth;
    add(id_ + "UrlPublicPermissions", "AWS::Lambda::Permission", std::move(by_url));
    Value invoke = Value::Map{{"Action", "lambda:InvokeFunction"}, {"Principal", "*"}};
    invoke["FunctionName"] = target_name();
    invoke["InvokedViaFunctionUrl"] = true;
    add(id_ + "URLInvokeAllowPublicAccess", "AWS::Lambda::Permission", std::move(invoke));
    return {};
}

// What is done for the destination: its policy, and the queue or topic if none is given.
Result<Value> FunctionTransform::invoke_destination(const std::string& when, const Value& given) {
    struct Kind {
        std::string_view type, action, made_type, suffix;
    };
    static constexpr std::array<Kind, 5> kinds = {
        {{"SQS", "sqs:SendMessage", "AWS::SQS::Queue", "Queue"},
         {"SNS", "sns:publish", "AWS::SNS::Topic", "Topic"},
         {"Lambda", "lambda:InvokeFunction", "", ""},
         {"EventBridge", "events:PutEvents", "", ""},
         {"S3Bucket", "s3:PutObject", "", ""}}};
    const std::string type = text_of(given, "Type");
    const auto kind = std::ranges::find(kinds, type, &Kind::type);
    if (kind == kinds.end()) {
        return sam_reason(fmt::format(
            "'Type: {}' must be one of ['SQS', 'SNS', 'EventBridge', 'Lambda', 'S3Bucket']",
            type.empty() ? "None" : type));
    }
    const std::string id = id_ + "EventInvokeConfig" + when;
    Value target;
    if (const Value* destination = given.find("Destination")) {
        target = *destination;
    } else if (kind->made_type.empty()) {
        return sam_reason("Destination is required if Type is not ['SQS', 'SNS']");
    } else {
        const std::string made_id = id + std::string(kind->suffix);
        add(made_id, kind->made_type, Value::map());
        target = type == "SQS" ? get_att(made_id, "Arn") : ref(made_id);
        shared_.renamed[id_ + ".Destination" + std::string(kind->suffix)] = made_id;
    }
    add_policy(id + type + "Policy",
               Value::Map{{"Statement", Value::List{statement(kind->action, target)}}});
    return target;
}

Result<void> FunctionTransform::add_invoke_config() {
    const Value* config = properties_.find("EventInvokeConfig");
    if (!config) return {};
    Value destinations = Value::map();
    if (const Value* given = config->find("DestinationConfig")) {
        for (const std::string when : {"OnSuccess", "OnFailure"}) {
            const Value* one = given->find(when);
            if (!one) continue;
            MILL_TRY(Value target, invoke_destination(when, *one));
            destinations[when] = Value::Map{{"Destination", std::move(target)}};
        }
    }
    Value made = Value::Map{{"FunctionName", ref(id_)},
                            {"DestinationConfig", std::move(destinations)},
                            {"Qualifier", text_of(properties_, "AutoPublishAlias", "$LATEST")}};
    for (const std::string_view name : {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"}) {
        if (const Value* value = config->find(name)) made[name] = *value;
    }
    add(id_ + "EventInvokeConfig", "AWS::Lambda::EventInvokeConfig", std::move(made), alias_id_);
    if (const Value* metadata = resource_.find("Metadata"))
        made_.back().second["Metadata"] = *metadata;
    return {};
}

}  // namespace mill::cloudformation
