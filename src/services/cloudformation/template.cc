// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "services/cloudformation/dependencies.h"
#include "services/cloudformation/function_check.h"
#include "services/cloudformation/includes.h"
#include "services/cloudformation/language_extensions.h"
#include "services/cloudformation/rules.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

Failure invalid(std::string text) { return fail("ValidationError", std::move(text), 400); }
Failure format_error(const std::string& text) { return invalid("Template format error: " + text); }

constexpr std::size_t description_bytes_max = 1024;
constexpr std::array<std::string_view, 12> section_names = {"AWSTemplateFormatVersion",
                                                            "Description",
                                                            "Metadata",
                                                            "Parameters",
                                                            "Rules",
                                                            "Mappings",
                                                            "Conditions",
                                                            "Transform",
                                                            "Globals",
                                                            "Resources",
                                                            "Outputs",
                                                            "Hooks"};
constexpr std::array<std::string_view, 9> resource_members = {
    "Type",           "Properties",          "DependsOn",    "Condition",     "Metadata",
    "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy"};

bool is_alphanumeric(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

template <class Names>
bool has(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// The path of the first null, "/Outputs/X/Value"; made on the way back, for the document may be
// large.
std::optional<std::string> null_below(const Value& value) {
    if (value.is_null()) return std::string();
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members) {
            if (auto found = null_below(member)) return "/" + name + *found;
        }
    } else if (const Value::List* items = value.items()) {
        for (std::size_t i = 0; i < items->size(); ++i) {
            if (auto found = null_below((*items)[i])) return fmt::format("/{}{}", i, *found);
        }
    }
    return std::nullopt;
}

Failure notation_error(std::string_view text, const Error& error) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const bool is_json = first != text.npos && text[first] == '{';
    const std::size_t place = error.message.find("(line");
    const std::size_t end = place == error.message.npos ? place : error.message.find(')', place);
    const std::string where =
        end == error.message.npos ? "" : " " + error.message.substr(place, end - place + 1);
    return format_error(fmt::format("{} not well-formed.{}", is_json ? "JSON" : "YAML", where));
}

Result<void> check_sections(const Value& document) {
    std::vector<std::string> unknown;
    for (const auto& [name, section] : *document.members()) {
        if (!has(section_names, name)) unknown.push_back(name);
    }
    if (!unknown.empty()) {
        return invalid(
            fmt::format("Invalid template property or properties [{}]", fmt::join(unknown, ", ")));
    }
    if (const Value* version = document.find("AWSTemplateFormatVersion")) {
        if (scalar_text(*version) != "2010-09-09") {
            return format_error("unsupported value for AWSTemplateFormatVersion.");
        }
    }
    if (const Value* description = document.find("Description");
        description && scalar_text(*description).value_or("").size() > description_bytes_max) {
        return format_error(
            fmt::format("'Description' length is greater than {}.", description_bytes_max));
    }
    if (auto path = null_below(document)) {
        return invalid(fmt::format("[{}] 'null' values are not allowed in templates", *path));
    }
    for (const std::string_view name : {"Parameters", "Mappings", "Conditions", "Outputs"}) {
        const Value* section = document.find(name);
        if (section && !section->members())
            return format_error(fmt::format("{} must be an object.", name));
    }
    return {};
}

Result<void> check_resource(const std::string& id, const Value& resource) {
    if (!resource.members()) return format_error("Any Resources member must be an object.");
    if (id.empty() || !is_alphanumeric(id) || id.size() > limits::logical_id_length_max) {
        return format_error(fmt::format("Resource name {} is non alphanumeric.", id));
    }
    const Value* type = resource.find("Type");
    if (!type || !type->string()) {
        return format_error(
            fmt::format("[/Resources/{}] Every Resources object must contain a Type member.", id));
    }
    for (const auto& [name, member] : *resource.members()) {
        if (!has(resource_members, name)) {
            return invalid(fmt::format("Invalid template resource property '{}'", name));
        }
    }
    const Value* properties = resource.find("Properties");
    if (properties && !properties->members()) {
        return format_error(
            fmt::format("[/Resources/{}/Properties] Properties must be an object.", id));
    }
    for (const std::string_view name : {"DeletionPolicy", "UpdateReplacePolicy"}) {
        const std::string policy = text_of(resource, name, "Delete");
        if (policy != "Delete" && policy != "Retain" && policy != "Snapshot" &&
            policy != "RetainExceptOnCreate") {
            return format_error(
                fmt::format("Unrecognized {} {} for resource {}", name, policy, id));
        }
    }
    return {};
}

Result<void> check_count(const Value& section, std::string_view what, std::size_t max) {
    const std::size_t count = section.members() ? section.members()->size() : 0;
    if (count <= max) return {};
    return format_error(
        fmt::format("Number of {}, {}, is greater than maximum allowed, {}", what, count, max));
}

Result<void> check_resources(const Value& document) {
    const Value* resources = document.find("Resources");
    if (!resources || !resources->members() || resources->members()->empty()) {
        return format_error("At least one Resources member must be defined.");
    }
    MILL_CHECK(check_count(*resources, "resources", limits::resources_max));
    for (const auto& [id, resource] : *resources->members()) {
        const bool is_made_later =
            id == transform_function || (id.starts_with(for_each_prefix) && resource.items());
        if (!is_made_later) MILL_CHECK(check_resource(id, resource));
    }
    return {};
}

// What only transforms take: it has to be gone when they have been carried out.
Result<void> check_transformed(const Value& document) {
    if (document.find("Globals"))
        return invalid("Invalid template property or properties [Globals]");
    if (document.find("Hooks"))
        return invalid("Millrace does not carry out Hooks. Take the section out of the template.");
    for (const auto& [id, resource] : *section_of(document, "Resources").members()) {
        if (!resource.members()) {
            return format_error(
                fmt::format("{} needs \"Transform\": \"{}\".", id, language_extensions_name));
        }
        for (const std::string_view name : {"DeletionPolicy", "UpdateReplacePolicy"}) {
            const Value* policy = resource.find(name);
            if (policy && !policy->string())
                return format_error(fmt::format("Every {} member must be a string.", name));
        }
    }
    return {};
}

bool is_known(const Reference& reference, const Value& document) {
    if (section_of(document, "Resources").find(reference.name)) return true;
    return reference.attribute.empty() && (reference.name.starts_with("AWS::") ||
                                           section_of(document, "Parameters").find(reference.name));
}

Result<void> check_references(const Value& document, const Value& where, std::string_view block) {
    std::vector<Reference> references;
    MILL_CHECK(collect_references(where, nullptr, references));
    std::set<std::string> unknown;
    for (const Reference& reference : references) {
        if (!is_known(reference, document)) unknown.insert(reference.name);
    }
    if (unknown.empty()) return {};
    const std::string text =
        fmt::format("Unresolved resource dependencies [{}] in the {} block of the template",
                    fmt::join(unknown, ", "), block);
    return block == "Resources" ? format_error(text) : invalid(text);
}

Result<void> check_depends_on(const Value& document) {
    const Value& resources = section_of(document, "Resources");
    std::set<std::string> unknown;
    for (const auto& [id, resource] : *resources.members()) {
        Value alone = Value::map();
        if (const Value* listed = resource.find("DependsOn")) alone["DependsOn"] = *listed;
        MILL_TRY(std::vector<std::string> names, dependencies_of(alone, resources, nullptr));
        for (const std::string& name : names) {
            if (!resources.find(name)) unknown.insert(name);
        }
    }
    if (unknown.empty()) return {};
    return format_error(
        fmt::format("Unresolved resource dependencies [{}] in the Resources block of the template",
                    fmt::join(unknown, ", ")));
}

Result<void> check_conditions(const Value& document) {
    std::set<std::string_view> conditions;
    if (const Value::Map* members = section_of(document, "Conditions").members()) {
        for (const auto& [name, condition] : *members) conditions.insert(name);
    }
    std::vector<std::string> used;
    collect_fn_if(section_of(document, "Resources"), used);
    collect_fn_if(section_of(document, "Outputs"), used);
    for (const std::string& name : used) {
        if (!conditions.contains(name)) {
            return invalid(
                fmt::format("Template error: unresolved condition dependency {} in Fn::If", name));
        }
    }
    for (const std::string_view block : {"Resources", "Outputs"}) {
        const Value& section = section_of(document, block);
        if (!section.members()) continue;
        for (const auto& [id, entry] : *section.members()) {
            const Value* name = entry.find("Condition");
            if (!name || (name->string() && conditions.contains(*name->string()))) continue;
            return format_error(fmt::format(
                "Unresolved condition dependencies [{}] in the {} block of the template",
                name->string() ? *name->string() : "", block));
        }
    }
    return {};
}

Result<void> check_outputs(const Value& document) {
    const Value& outputs = section_of(document, "Outputs");
    if (!outputs.members()) return {};
    for (const auto& [name, output] : *outputs.members()) {
        if (!output.find("Value"))
            return format_error("Every Outputs member must contain a Value object");
        if (!is_alphanumeric(name))
            return format_error(fmt::format("Output name {} is non alphanumeric.", name));
    }
    return check_references(document, outputs, "Outputs");
}

}  // namespace

const Value& section_of(const Value& document, std::string_view name) {
    static const Value absent;
    const Value* found = document.find(name);
    return found ? *found : absent;
}

std::vector<std::string> transforms_of(const Value& document) {
    const Value& transform = section_of(document, "Transform");
    std::vector<std::string> names;
    if (const std::string* one = transform.string()) names.push_back(*one);
    if (transform.members()) names.push_back(text_of(transform, "Name"));
    if (const Value::List* items = transform.items()) {
        for (const Value& item : *items) {
            names.push_back(item.string() ? *item.string() : text_of(item, "Name"));
        }
    }
    return names;
}

Result<Value> read_template(std::string_view text) {
    Result<Value> document = wire::parse_template(text);
    if (!document) return notation_error(text, document.error());
    if (!document->members()) return format_error("unsupported structure.");
    MILL_CHECK(check_outline(*document));
    return document;
}

Result<void> check_outline(const Value& document) {
    MILL_CHECK(check_sections(document));
    return check_resources(document);
}

Result<void> check_template(const Value& document, bool has_extensions) {
    if (depth_of(document) > depth_max) return format_error("nested too deeply.");
    MILL_CHECK(check_resources(document));
    MILL_CHECK(check_transformed(document));
    MILL_CHECK(check_rule_forms(document));
    MILL_CHECK(check_functions(document, has_extensions));
    const Value& resources = section_of(document, "Resources");
    MILL_CHECK(
        check_count(section_of(document, "Parameters"), "parameters", limits::parameters_max));
    MILL_CHECK(check_count(section_of(document, "Outputs"), "outputs", limits::outputs_max));
    for (const auto& [id, resource] : *resources.members()) {
        if (const Value* properties = resource.find("Properties")) {
            MILL_CHECK(check_references(document, *properties, "Resources"));
        }
    }
    MILL_CHECK(check_depends_on(document));
    MILL_CHECK(check_conditions(document));
    MILL_CHECK(check_outputs(document));
    std::vector<Node> nodes;
    for (const auto& [id, resource] : *resources.members()) {
        MILL_TRY(std::vector<std::string> names, dependencies_of(resource, resources, nullptr));
        nodes.push_back({id, std::move(names)});
    }
    MILL_TRY([[maybe_unused]] std::vector<Node> ordered, in_dependency_order(std::move(nodes)));
    return {};
}

std::optional<std::string> capabilities_reason(const RequiredCapabilities& required) {
    if (required.types.empty()) return std::nullopt;
    return fmt::format("The following resource(s) require capabilities: [{}]",
                       fmt::join(required.types, ", "));
}

RequiredCapabilities required_capabilities(const Value& document) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> iam = {
        {{"AWS::IAM::Role", "RoleName"},
         {"AWS::IAM::Policy", ""},
         {"AWS::IAM::ManagedPolicy", "ManagedPolicyName"},
         {"AWS::IAM::User", "UserName"},
         {"AWS::IAM::Group", "GroupName"},
         {"AWS::IAM::AccessKey", ""},
         {"AWS::IAM::InstanceProfile", "InstanceProfileName"},
         {"AWS::IAM::UserToGroupAddition", ""}}};
    RequiredCapabilities required;
    bool named = false;
    const Value& resources = section_of(document, "Resources");
    if (!resources.members()) return required;
    for (const auto& [id, resource] : *resources.members()) {
        const std::string type = text_of(resource, "Type");
        for (const auto& [iam_type, name_property] : iam) {
            if (type != iam_type) continue;
            if (!has(required.types, type)) required.types.push_back(type);
            const Value* properties = resource.find("Properties");
            named =
                named || (properties && !name_property.empty() && properties->find(name_property));
        }
    }
    if (!required.types.empty()) {
        required.capabilities.push_back(named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM");
    }
    return required;
}

}  // namespace mill::cloudformation
