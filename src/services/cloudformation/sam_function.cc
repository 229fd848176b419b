// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/sam_function.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/digest.h"
#include "services/cloudformation/intrinsics.h"
#include "services/cloudformation/sam_transform.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

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
constexpr std::array<std::string_view, 23> carried_out = {"CodeUri",
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
                                                          "SnapStart",
                                                          "AutoPublishAlias",
                                                          "AutoPublishCodeSha256",
                                                          "ProvisionedConcurrencyConfig",
                                                          "EventInvokeConfig",
                                                          "FunctionUrlConfig",
                                                          "VersionDescription",
                                                          "VersionDeletionPolicy",
                                                          "SourceKMSKeyArn"};
constexpr std::array<std::string_view, 12> refused = {"ImageUri",
                                                      "ImageConfig",
                                                      "AutoPublishAliasAllProperties",
                                                      "DeploymentPreference",
                                                      "TenancyConfig",
                                                      "DurableConfig",
                                                      "CapacityProviderConfig",
                                                      "FunctionScalingConfig",
                                                      "PublishToLatestPublished",
                                                      "Code",
                                                      "ManagedPolicyArns",
                                                      "KMSKeyArn"};
constexpr std::array<std::string_view, 7> not_global = {"Role",
                                                        "Policies",
                                                        "FunctionName",
                                                        "Events",
                                                        "InlineCode",
                                                        "AutoPublishCodeSha256",
                                                        "VersionDescription"};
template <class Names>
bool has(const Names& names, const auto& name) {
    return std::ranges::find(names, name) != names.end();
}

Value tag(std::string_view key, Value value) {
    return Value::Map{{"Key", key}, {"Value", std::move(value)}};
}

// Keys in order, at every depth; no letters beyond ASCII.
void append_canonical(const Value& value, std::string& out) {
    if (const Value::Map* members = value.members()) {
        std::map<std::string_view, const Value*> sorted;
        for (const auto& [name, member] : *members) sorted[name] = &member;
        out += '{';
        bool first = true;
        for (const auto& [name, member] : sorted) {
            if (!std::exchange(first, false)) out += ',';
            append_canonical(Value(name), out);
            out += ':';
            append_canonical(*member, out);
        }
        out += '}';
    } else if (const Value::List* items = value.items()) {
        out += '[';
        bool first = true;
        for (const Value& item : *items) {
            if (!std::exchange(first, false)) out += ',';
            append_canonical(item, out);
        }
        out += ']';
    } else {
        out += write_json(value);
    }
}

}  // namespace

std::vector<std::string_view> global_function_properties() {
    std::vector<std::string_view> names;
    for (const std::string_view name : passed_on) {
        if (!has(not_global, name)) names.push_back(name);
    }
    for (const std::string_view name : carried_out) {
        if (!has(not_global, name)) names.push_back(name);
    }
    return names;
}

std::string content_hash(const Value& value) {
    constexpr std::size_t digits = 10;
    std::string text;
    append_canonical(value, text);
    Digest digest(Digest::Kind::sha1);
    digest.add(wire::ascii_json(text));
    return hex(digest.finish()).substr(0, digits);
}

Result<Value> s3_location(const Value& uri, std::string_view property) {
    if (const std::string* text = uri.string()) {
        constexpr std::string_view scheme = "s3://", version_mark = "?versionId=";
        std::string_view rest = *text;
        rest.remove_prefix(rest.starts_with(scheme) ? scheme.size() : 0);
        std::string_view version;
        if (const std::size_t mark = rest.find(version_mark); mark != rest.npos) {
            version = rest.substr(mark + version_mark.size());
            rest = rest.substr(0, mark);
        }
        const std::size_t slash = rest.find('/');
        if (!text->starts_with(scheme) || slash == 0 || slash == rest.npos ||
            slash + 1 == rest.size()) {
            return sam_reason(fmt::format(
                "'{}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId "
                "query parameter.",
                property));
        }
        Value location =
            Value::Map{{"S3Bucket", rest.substr(0, slash)}, {"S3Key", rest.substr(slash + 1)}};
        if (!version.empty()) location["S3ObjectVersion"] = version;
        return location;
    }
    const Value *bucket = uri.find("Bucket"), *key = uri.find("Key");
    if (!bucket || !key)
        return sam_reason(
            fmt::format("'{}' requires Bucket and Key properties to be specified.", property));
    Value location = Value::Map{{"S3Bucket", *bucket}, {"S3Key", *key}};
    if (const Value* version = uri.find("Version")) location["S3ObjectVersion"] = *version;
    return location;
}

// The function, what it publishes, its role, its events.
Result<Value::Map> FunctionTransform::run() {
    MILL_CHECK(check_names());
    MILL_TRY(Value function, function_properties());
    MILL_CHECK(add_alias(function));
    MILL_CHECK(add_url());
    MILL_CHECK(add_dead_letter_queue());
    if (!dead_letter_target_.is_null())
        function["DeadLetterConfig"] = Value::Map{{"TargetArn", dead_letter_target_}};
    Value::List letters = std::exchange(policies_, {});  // of all policies it comes last
    MILL_CHECK(add_policies());
    MILL_CHECK(add_invoke_config());
    std::ranges::move(letters, std::back_inserter(policies_));
    MILL_CHECK(add_events());
    Value own = resource_of("AWS::Lambda::Function", std::move(function));
    for (const std::string_view name : {"DependsOn", "Metadata"}) {
        if (const Value* value = resource_.find(name)) own[name] = *value;
    }
    Value::Map out;
    out.emplace_back(id_, std::move(own));
    if (!properties_.find("Role"))
        out.emplace_back(id_ + "Role", resource_of("AWS::IAM::Role", role_properties()));
    for (auto& made : made_) out.push_back(std::move(made));
    return out;
}

Result<void> FunctionTransform::check_names() const {
    for (const auto& [name, value] : *properties_.members()) {
        if (has(refused, name)) {
            return sam_reason(fmt::format(
                "Property '{}' of AWS::Serverless::Function is not supported by Millrace.", name));
        }
        if (!has(passed_on, name) && !has(carried_out, name)) {
            return sam_reason(fmt::format(
                "property {} not defined for resource of type AWS::Serverless::Function", name));
        }
    }
    if (text_of(properties_, "PackageType", "Zip") != "Zip") {
        return sam_reason("PackageType Image is not supported by Millrace; use Zip.");
    }
    return {};
}

// With what the function's resource says of itself and all that it makes.
Value FunctionTransform::resource_of(std::string_view type, Value properties) const {
    Value out = Value::Map{{"Type", type}};
    for (const std::string_view name : {"Condition", "DeletionPolicy", "UpdateReplacePolicy"}) {
        if (const Value* value = resource_.find(name)) out[name] = *value;
    }
    out["Properties"] = std::move(properties);
    return out;
}

void FunctionTransform::add(std::string id, std::string_view type, Value properties,
                            std::string_view depends_on) {
    Value made = resource_of(type, std::move(properties));
    if (!depends_on.empty()) made["DependsOn"] = Value::List{depends_on};
    made_.emplace_back(std::move(id), std::move(made));
}

Result<Value> FunctionTransform::function_properties() const {
    Value out = Value::map();
    if (const Value* inline_code = properties_.find("InlineCode")) {
        out["Code"] = Value::Map{{"ZipFile", *inline_code}};
    } else if (const Value* uri = properties_.find("CodeUri")) {
        MILL_TRY(out["Code"], s3_location(*uri, "CodeUri"));
    } else {
        return sam_reason("'InlineCode' or 'CodeUri' is required.");
    }
    if (const Value* key = properties_.find("SourceKMSKeyArn"))
        out["Code"]["SourceKMSKeyArn"] = *key;
    for (const std::string_view name : passed_on) {
        if (const Value* value = properties_.find(name)) out[name] = *value;
    }
    for (const std::string_view name : {"FileSystemConfigs", "SnapStart", "PackageType"}) {
        if (const Value* value = properties_.find(name)) out[name] = *value;
    }
    if (const std::string sha = text_of(properties_, "AutoPublishCodeSha256"); !sha.empty()) {
        const std::string text = text_of(out, "Description");
        out["Description"] = text.empty() ? sha : text + " " + sha;
    }
    if (const Value* tracing = properties_.find("Tracing"))
        out["TracingConfig"] = Value::Map{{"Mode", *tracing}};
    const Value* role = properties_.find("Role");
    out["Role"] = role ? *role : get_att(id_ + "Role", "Arn");
    out["Tags"] = tags();
    return out;
}

// Of the function and its role.
Value FunctionTransform::tags() const {
    const Value* propagates = properties_.find("PropagateTags");
    const Value* own = properties_.find("Tags");
    const bool has_own = own && own->members() && !own->members()->empty();
    Value::List out;
    if (!propagates || scalar_text(*propagates) != "true" || !has_own)
        out.push_back(tag("lambda:createdBy", "SAM"));
    if (has_own) {
        for (const auto& [key, value] : *own->members()) out.push_back(tag(key, value));
    }
    return out;
}

Value FunctionTransform::role_properties() const {
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
    Value out = Value::Map{{"AssumeRolePolicyDocument", own_trust ? *own_trust : std::move(trust)},
                           {"ManagedPolicyArns", std::move(managed)}};
    if (!policies_.empty()) out["Policies"] = policies_;
    if (const Value* path = properties_.find("RolePath")) out["Path"] = *path;
    if (const Value* boundary = properties_.find("PermissionsBoundary"))
        out["PermissionsBoundary"] = *boundary;
    out["Tags"] = tags();
    return out;
}
void FunctionTransform::use_managed_policy(std::string_view name) {
    const Value arn = managed_policy_arn(name);
    if (!has(managed_policies_, arn)) managed_policies_.push_back(arn);
}

void FunctionTransform::add_policy(std::string name, Value document) {
    policies_.push_back(
        Value::Map{{"PolicyName", std::move(name)}, {"PolicyDocument", std::move(document)}});
}

void FunctionTransform::allow(std::string name, std::string_view action, Value resource) {
    Value allowed = statement(action, std::move(resource));
    add_policy(std::move(name), Value::Map{{"Version", "2012-10-17"},
                                           {"Statement", Value::List{std::move(allowed)}}});
}

Result<void> FunctionTransform::add_policies() {
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
            return sam_reason(
                fmt::format("Policy at index {} in the 'Policies' property is not valid", n));
        }
    }
    return {};
}

Result<void> FunctionTransform::add_dead_letter_queue() {
    const Value* queue = properties_.find("DeadLetterQueue");
    if (!queue) return {};
    const std::string type = text_of(*queue, "Type");
    const Value* target = queue->find("TargetArn");
    if (type.empty() || !target)
        return sam_reason(
            "'DeadLetterQueue' requires Type and TargetArn properties to be specified.");
    if (type != "SQS" && type != "SNS")
        return sam_reason("'DeadLetterQueue' requires Type of ['SQS', 'SNS']");
    dead_letter_target_ = *target;
    allow("DeadLetterQueuePolicy", type == "SQS" ? "sqs:SendMessage" : "sns:Publish", *target);
    return {};
}

}  // namespace mill::cloudformation
