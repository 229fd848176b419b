// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "services/cloudformation/dependencies.h"
#include "services/cloudformation/property_kinds.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

Failure unresolved(std::string_view name) {
    return fail("ValidationError",
                fmt::format("Template format error: Unresolved resource dependencies [{}] in the "
                            "Resources block of the template",
                            name),
                400);
}

Failure no_export(std::string_view name) {
    return fail("ValidationError", fmt::format("No export named {} found", name), 400);
}

bool holds(const Value& entry, const ConditionValues& conditions) {
    const Value* name = entry.find("Condition");
    if (!name || !name->string()) return true;
    const auto condition = conditions.find(*name->string());
    return condition == conditions.end() || condition->second;
}

// A reference along the branches taken may not lead to a resource whose condition does not hold.
Result<void> check_active(const Value& resource, const Value& all,
                          const ConditionValues& conditions) {
    std::vector<Reference> references;
    if (const Value* properties = resource.find("Properties")) {
        MILL_CHECK(collect_references(*properties, &conditions, references));
    }
    for (const Reference& reference : references) {
        const Value* target = all.find(reference.name);
        if (target && !holds(*target, conditions)) return unresolved(reference.name);
    }
    return {};
}

Result<std::optional<std::string>> output_text(const std::string& key, const Value& value,
                                               const Context& context) {
    MILL_TRY(std::optional<Value> result, evaluate(value, context));
    if (!result) return std::nullopt;
    if (auto text = scalar_text(*result)) return text;
    return fail("ValidationError",
                fmt::format("Template format error: Output {} is malformed. The Value field of "
                            "every Outputs member must evaluate to a String.",
                            key),
                400);
}

// Types with Tags as a list of {Key, Value}.
constexpr std::string_view types_with_tags[] = {
    "AWS::ECR::Repository",  "AWS::IAM::Role",
    "AWS::IAM::User",        "AWS::KMS::Key",
    "AWS::Kinesis::Stream",  "AWS::Kinesis::StreamConsumer",
    "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping",
    "AWS::Logs::LogGroup",   "AWS::S3::Bucket",
    "AWS::SNS::Topic",       "AWS::SQS::Queue"};

void add_stack_tags(const std::string& type, const std::vector<Tag>& stack_tags,
                    Value& properties) {
    const bool has_map = type == "AWS::SSM::Parameter";
    const bool has_list = std::ranges::find(types_with_tags, type) != std::end(types_with_tags);
    if (stack_tags.empty() || (!has_map && !has_list)) return;
    Value tags = has_map ? Value::map() : Value::list();
    if (const Value* own = properties.find("Tags"); own && !own->is_null()) tags = *own;
    if (has_map ? !tags.members() : !tags.items()) return;  // the provider says what is wrong
    for (const Tag& tag : stack_tags) {
        if (has_map) {
            if (!tags.find(tag.key)) tags[tag.key] = tag.value;
            continue;
        }
        const bool is_given = std::ranges::any_of(
            *tags.items(), [&](const Value& one) { return text_of(one, "Key") == tag.key; });
        if (!is_given) tags.push_back(Value::Map{{"Key", tag.key}, {"Value", tag.value}});
    }
    properties["Tags"] = std::move(tags);
}

}  // namespace

Result<Value> StackReferences::ref(const std::string& name) const {
    if (name == "AWS::AccountId") return row_.account;
    if (name == "AWS::Region") return row_.region;
    if (name == "AWS::StackName") return row_.name;
    if (name == "AWS::StackId") return row_.stack_id;
    if (name == "AWS::Partition") return "aws";
    if (name == "AWS::URLSuffix") return "amazonaws.com";
    if (name == "AWS::NotificationARNs") return Value::list();  // CreateStack takes none
    const auto parameter = std::ranges::find(row_.now.parameters, name, &Parameter::key);
    if (parameter != row_.now.parameters.end()) return parameter_value(*parameter);
    const ResourceRow* resource = find_resource(row_.now.resources, name);
    if (!resource || resource->physical_id.empty()) return unresolved(name);
    return resource->physical_id;
}

Result<Value> StackReferences::get_att(const std::string& name,
                                       const std::string& attribute) const {
    const ResourceRow* resource = find_resource(row_.now.resources, name);
    if (!resource || resource->physical_id.empty()) return unresolved(name);
    if (const Value* value = resource->attributes.find(attribute)) return *value;
    return fail(
        "ValidationError",
        fmt::format("Template error: resource {} does not support attribute type {} in Fn::GetAtt",
                    name, attribute),
        400);
}

Result<Value> StackReferences::import_value(const std::string& name) const {
    const auto found = std::ranges::find(row_.now.imports, name, &Import::name);
    if (found != row_.now.imports.end() && found->value) return *found->value;
    return no_export(name);
}

Result<std::string> StackReferences::parameter(const std::string& name) const {
    auto value =
        store_ ? store_->parameter_value({.account = row_.account, .region = row_.region}, name)
               : Result<std::string>(fail("ValidationError", "", 400));
    if (value || value.error().status == 0) return value;
    return fail("ValidationError", fmt::format("Parameters: [ssm:{}] cannot be found.", name), 400);
}

StackRow bare_row(const StackRow& row) {
    StackRow bare{
        .stack_id = row.stack_id, .name = row.name, .account = row.account, .region = row.region};
    bare.now.parameters = row.now.parameters;
    return bare;
}

Result<Plan> plan_of(const StackRow& row, const ports::ParameterStore* store) {
    Plan plan{.store = store};
    MILL_TRY(plan.document, wire::parse_json(row.now.processed));
    MILL_TRY(plan.conditions,
             evaluate_conditions(plan.document.find("Conditions"), StackReferences(row, store),
                                 section_of(plan.document, "Mappings")));
    return plan;
}

Result<std::vector<ResourceRow>> planned_resources(const Plan& plan) {
    const Value& all = section_of(plan.document, "Resources");
    std::vector<Node> nodes;
    for (const auto& [id, resource] : *all.members()) {
        if (!holds(resource, plan.conditions)) continue;
        MILL_CHECK(check_active(resource, all, plan.conditions));
        MILL_TRY(std::vector<std::string> names, dependencies_of(resource, all, &plan.conditions));
        nodes.push_back({id, std::move(names)});
    }
    MILL_TRY(std::vector<Node> ordered, in_dependency_order(std::move(nodes)));
    std::vector<ResourceRow> rows;
    for (Node& node : ordered) {
        const Value& resource = *all.find(node.id);
        rows.push_back({.logical_id = node.id,
                        .type = text_of(resource, "Type"),
                        .deletion_policy = text_of(resource, "DeletionPolicy", "Delete"),
                        .update_replace_policy = text_of(resource, "UpdateReplacePolicy", "Delete"),
                        .depends_on = std::move(node.depends_on)});
    }
    return rows;
}

Result<Value> resolved_properties(const Plan& plan, const Context& context,
                                  const std::vector<Tag>& stack_tags,
                                  const std::string& logical_id) {
    const Value* resource = section_of(plan.document, "Resources").find(logical_id);
    if (!resource) return Value::map();
    MILL_TRY(Value properties, resolve_properties(resource->find("Properties"), context));
    add_stack_tags(text_of(*resource, "Type"), stack_tags, properties);
    return properties;
}

Result<Value> planned_properties(const Plan& plan, const StackRow& row,
                                 const std::string& logical_id) {
    const StackReferences references(row, plan.store);
    const Context context{references, section_of(plan.document, "Mappings"), plan.conditions};
    MILL_TRY(Value properties, resolved_properties(plan, context, row.now.tags, logical_id));
    const Value* resource = section_of(plan.document, "Resources").find(logical_id);
    if (resource)
        MILL_CHECK(check_property_kinds(logical_id, text_of(*resource, "Type"), properties));
    return properties;
}

Result<std::vector<std::string>> planned_imports(const Plan& plan, const StackRow& row) {
    // Resources are unknown to it, also where they exist already.
    const StackRow bare = bare_row(row);
    const StackReferences references(bare, plan.store);
    const Context context{references, section_of(plan.document, "Mappings"), plan.conditions};
    std::vector<std::string> names;
    for (const std::string_view section : {"Resources", "Outputs"}) {
        const Value::Map* entries = section_of(plan.document, section).members();
        if (!entries) continue;
        for (const auto& [id, entry] : *entries) {
            if (!holds(entry, plan.conditions)) continue;
            if (collect_imports(entry, context, names)) continue;
            return fail("ValidationError",
                        "Template error: the attribute in Fn::ImportValue must not depend on any "
                        "resources, imported values, or Fn::GetAZs",
                        400);
        }
    }
    return names;
}

Result<std::vector<StackOutput>> planned_outputs(const Plan& plan, const StackRow& row) {
    const StackReferences references(row, plan.store);
    const Context context{references, section_of(plan.document, "Mappings"), plan.conditions};
    const Value& section = section_of(plan.document, "Outputs");
    std::vector<StackOutput> outputs;
    if (!section.members()) return outputs;
    for (const auto& [key, output] : *section.members()) {
        if (!holds(output, plan.conditions)) continue;
        MILL_TRY(std::optional<std::string> value,
                 output_text(key, *output.find("Value"), context));
        if (!value) continue;
        StackOutput made{.key = key, .value = *std::move(value)};
        if (const std::string text = text_of(output, "Description"); !text.empty())
            made.description = text;
        const Value* exported = output.find("Export");
        if (const Value* name = exported ? exported->find("Name") : nullptr) {
            MILL_TRY(made.export_name, output_text(key, *name, context));
        }
        outputs.push_back(std::move(made));
    }
    return outputs;
}

}  // namespace mill::cloudformation
