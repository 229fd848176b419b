// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/sam_transform.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "services/cloudformation/intrinsics.h"
#include "services/cloudformation/sam_function.h"
#include "services/cloudformation/template.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

// Globals and tags are copied to every resource that is made: a small template can mean a huge one.
constexpr std::size_t transformed_bytes_max = 64 * 1024 * 1024;

// A reason why a resource is invalid; sam_transform() puts it into AWS's words.
Failure reason(std::string text) { return sam_reason(std::move(text)); }

template <class Names>
bool has(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

constexpr std::array<std::string_view, 9> global_sections = {
    "Function",         "Api",          "HttpApi",    "SimpleTable", "StateMachine", "LayerVersion",
    "CapacityProvider", "WebSocketApi", "Application"};
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
                            "the following values - ['{}']",
                            section, fmt::join(global_sections, "', '")));
        }
    }
    const Value* function = globals->find("Function");
    if (!function) return Value::map();
    if (!function->members())
        return reason("'Globals' section is invalid. Value of ${Function} must be a dictionary");
    const std::vector<std::string_view> supported = global_function_properties();
    for (const auto& [name, value] : *function->members()) {
        if (!has(supported, name)) {
            return reason(
                fmt::format("'Globals' section is invalid. '{}' is not a supported property of "
                            "'Function'. Must be one of the following values - ['{}']",
                            name, fmt::join(supported, "', '")));
        }
    }
    return *function;
}

constexpr std::array<std::string_view, 8> layer_properties = {"LayerName",
                                                              "Description",
                                                              "PublishLambdaVersion",
                                                              "ContentUri",
                                                              "CompatibleArchitectures",
                                                              "CompatibleRuntimes",
                                                              "LicenseInfo",
                                                              "RetentionPolicy"};

// Its id tells its content, so that each content is a layer version of its own, and the old one may
// stay.
Result<Value::Map> transformed_layer(const std::string& id, const Value& resource,
                                     FunctionTransform::Shared& shared) {
    const Value* given = resource.find("Properties");
    const Value* uri = given ? given->find("ContentUri") : nullptr;
    if (!uri) return reason("Missing required property 'ContentUri'.");
    for (const auto& [name, value] : *given->members()) {
        if (has(layer_properties, name)) continue;
        return reason(fmt::format(
            "property {} not defined for resource of type AWS::Serverless::LayerVersion", name));
    }
    Value hashed = resource;
    for (const std::string_view name : {"DeletionPolicy", "UpdateReplacePolicy", "Metadata"})
        hashed.erase(name);
    std::string made_id = id + content_hash(Value::Map{{id, std::move(hashed)}});
    Value made = Value::Map{{"Type", "AWS::Lambda::LayerVersion"}};
    for (const std::string_view name : {"Condition", "DependsOn", "UpdateReplacePolicy"}) {
        if (const Value* value = resource.find(name)) made[name] = *value;
    }
    const std::string kept = text_of(*given, "RetentionPolicy");
    if (!kept.empty() && kept != "Retain" && kept != "Delete")
        return reason(
            "'RetentionPolicy' must be one of the following options: ['Retain', 'Delete'].");
    made["DeletionPolicy"] = kept.empty() ? text_of(resource, "DeletionPolicy", "Retain") : kept;
    Value properties = Value::map();
    properties["LayerName"] = id;
    for (const std::string_view name : {"LayerName", "Description", "CompatibleArchitectures",
                                        "CompatibleRuntimes", "LicenseInfo"}) {
        if (const Value* value = given->find(name)) properties[name] = *value;
    }
    MILL_TRY(properties["Content"], s3_location(*uri, "ContentUri"));
    made["Properties"] = std::move(properties);
    shared.renamed[id] = made_id;
    return Value::Map{{std::move(made_id), std::move(made)}};
}

constexpr std::array<std::string_view, 5> application_properties = {
    "Location", "Parameters", "NotificationARNs", "Tags", "TimeoutInMinutes"};

// A nested stack. Its template is where `sam package` has put it.
Result<Value::Map> transformed_application(const std::string& id, const Value& resource) {
    const Value* given = resource.find("Properties");
    const Value* location = given ? given->find("Location") : nullptr;
    if (!location) return reason("Missing required property 'Location'.");
    for (const auto& [name, value] : *given->members()) {
        if (has(application_properties, name)) continue;
        return reason(fmt::format(
            "property {} not defined for resource of type AWS::Serverless::Application", name));
    }
    if (!location->string() && !call_of(*location))
        return reason(
            "Applications of the Serverless Application Repository are not supported by Millrace; "
            "'Location' must be the URL of a template in S3.");
    Value properties = Value::Map{{"TemplateURL", *location}};
    for (const std::string_view name : {"Parameters", "NotificationARNs", "TimeoutInMinutes"}) {
        if (const Value* value = given->find(name)) properties[name] = *value;
    }
    Value::List tags{Value::Map{{"Key", "lambda:createdBy"}, {"Value", "SAM"}}};
    if (const Value* own = given->find("Tags"); own && own->members()) {
        for (const auto& [key, value] : *own->members())
            tags.push_back(Value::Map{{"Key", key}, {"Value", value}});
    }
    properties["Tags"] = std::move(tags);
    Value made = Value::Map{{"Type", "AWS::CloudFormation::Stack"}};
    for (const std::string_view name :
         {"Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"}) {
        if (const Value* value = resource.find(name)) made[name] = *value;
    }
    made["Properties"] = std::move(properties);
    return Value::Map{{id, std::move(made)}};
}

Result<Value::Map> transformed(const std::string& id, const Value& resource, const Value& global,
                               FunctionTransform::Shared& shared) {
    const std::string type = text_of(resource, "Type");
    if (!type.starts_with("AWS::Serverless::")) return Value::Map{{id, resource}};
    if (type == "AWS::Serverless::LayerVersion") return transformed_layer(id, resource, shared);
    if (type == "AWS::Serverless::Application") return transformed_application(id, resource);
    if (type != "AWS::Serverless::Function") {
        return reason(
            fmt::format("Resources of type {} are not supported by Millrace (supported: "
                        "AWS::Serverless::Function, AWS::Serverless::LayerVersion, "
                        "AWS::Serverless::Application).",
                        type));
    }
    const Value* own = resource.find("Properties");
    const Value properties = own ? merged(global, *own) : global;
    if (!properties.members()) return reason("'Properties' must be a map.");
    return FunctionTransform(id, resource, properties, shared).run();
}

using Renamed = std::map<std::string, std::string, std::less<>>;

std::string renamed_text(std::string_view text, const Renamed& names) {
    std::string out;
    while (!text.empty()) {
        const std::size_t start = text.find("${");
        const std::size_t end = start == text.npos ? text.npos : text.find('}', start);
        if (end == text.npos) break;
        const std::string_view name = text.substr(start + 2, end - start - 2);
        const auto found = names.find(name);
        out += text.substr(0, start + 2);
        out += found == names.end() ? name : std::string_view(found->second);
        out += '}';
        text.remove_prefix(end + 1);
    }
    return out += text;
}

// References to what has another id than the template gave it.
void rename_references(Value& value, const Renamed& names) {
    if (Value::List* items = value.items()) {
        for (Value& item : *items) rename_references(item, names);
    }
    Value::Map* members = value.members();
    if (!members) return;
    for (auto& [name, member] : *members) {
        rename_references(member, names);
        std::string* text = member.string();
        if (name == "Fn::Sub" && member.items() && !member.items()->empty())
            text = member.items()->front().string();
        if (!text) continue;
        if (name == "Fn::Sub") {
            *text = renamed_text(*text, names);
        } else if (const auto found = names.find(*text); name == "Ref" && found != names.end()) {
            *text = found->second;
        }
    }
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
    FunctionTransform::Shared shared{.resources = *resources, .buckets = {}, .renamed = {}};
    Value::Map out;
    std::vector<std::string> errors;
    std::size_t bytes = 0;
    for (const auto& [id, resource] : *resources->members()) {
        Result<Value::Map> made = transformed(id, resource, *global, shared);
        if (!made) {
            const Error& error = made.error();
            errors.push_back(
                error.code == sam_made_error
                    ? error.message
                    : fmt::format("Resource with id [{}] is invalid. {}", id, error.message));
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
    for (auto& [id, resource] : out) {
        if (const auto bucket = shared.buckets.find(id); bucket != shared.buckets.end())
            resource = std::move(bucket->second);
    }
    document["Resources"] = Value(std::move(out));
    if (!shared.renamed.empty()) rename_references(document, shared.renamed);
    document.erase("Transform");
    document.erase("Globals");
    return document;
}

}  // namespace mill::cloudformation
