// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/cloudformation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "services/cloudformation/dynamic_references.h"
#include "services/cloudformation/language_extensions.h"
#include "services/cloudformation/rules.h"
#include "services/cloudformation/sam_transform.h"
#include "services/cloudformation/template_url.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

Failure insufficient(const std::vector<std::string>& capabilities) {
    return fail("InsufficientCapabilitiesException",
                fmt::format("Requires capabilities : [{}]", fmt::join(capabilities, ", ")), 400);
}

// Whether its transforms do.
bool needs_parameters(const Value& document) {
    return has_includes(document) || has(transforms_of(document), language_extensions_name);
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html,
// Capabilities
Result<void> check_capabilities(const Value& document, const std::vector<std::string>& given) {
    const RequiredCapabilities required = required_capabilities(document);
    for (const std::string& capability : required.capabilities) {
        const bool is_given = has(given, capability) || (capability == "CAPABILITY_IAM" &&
                                                         has(given, "CAPABILITY_NAMED_IAM"));
        if (!is_given) return insufficient(required.capabilities);
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<CloudFormation>> CloudFormation::open(
    Machine& machine, storage::Engine& engine, std::vector<ports::ResourceProvider*> providers,
    ports::ObjectStore& objects, Options options) {
    std::unique_ptr<CloudFormation> made(
        new CloudFormation(machine, *engine.table, std::move(providers), objects, options));
    MILL_CHECK(made->stacks_.load());
    MILL_CHECK(made->change_sets_.load());
    return made;
}

CloudFormation::CloudFormation(Machine& machine, storage::Table& table,
                               std::vector<ports::ResourceProvider*> providers,
                               ports::ObjectStore& objects, Options options)
    : machine_(machine),
      objects_(objects),
      options_(options),
      nested_(*this),
      stacks_(machine, table),
      change_sets_(table),
      runner_(machine, stacks_, providers_, own_, parameter_store_),
      run_ended_(machine.executor) {
    providers.push_back(&own_);
    providers.push_back(&nested_);
    for (ports::ResourceProvider* provider : providers) {
        for (const std::string_view type : provider->types())
            providers_[std::string(type)] = provider;
    }
}

CloudFormation::~CloudFormation() = default;

wire::Service CloudFormation::service() {
    return {.signing_name = "cloudformation",
            .target_prefix = "",
            .protocol = wire::Protocol::query,
            .json_version = "",
            .api_version = "2010-05-15",
            .xml_namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/",
            .operations = operations(),
            .instance = this};
}

void CloudFormation::start() {
    for (Stack* stack : stacks_.all()) launch(*stack);
    scope_.spawn(purge());
}

Task<void> CloudFormation::purge() {
    const Result<void> done = co_await stacks_.purge();
    if (!done)
        machine_.log.warning("cloudformation.purge_failed", {{"error", done.error().message}});
}

void CloudFormation::launch(Stack& stack) {
    if (!stack.running && is_in_progress(stack.row.status)) scope_.spawn(carry_on(stack));
}

Task<void> CloudFormation::carry_on(Stack& stack) {
    co_await runner_.run(stack);
    run_ended_.notify_all();
}

Task<void> CloudFormation::settled(Caller caller, std::string stack_id) {
    while (true) {
        const Stack* stack = stacks_.find(caller, stack_id);
        if (!stack || (!stack->running && !is_in_progress(stack->row.status))) co_return;
        co_await run_ended_.wait();
    }
}

std::shared_ptr<const StackRow> CloudFormation::find(const Caller& caller,
                                                     std::string_view name_or_id) const {
    const Stack* stack = stacks_.find(caller, name_or_id);
    return stack ? stack->durable : nullptr;
}

Result<std::shared_ptr<const StackRow>> CloudFormation::existing(
    const Caller& caller, std::string_view name_or_id) const {
    std::shared_ptr<const StackRow> row = find(caller, name_or_id);
    if (!row)
        return fail("ValidationError", fmt::format("Stack with id {} does not exist", name_or_id),
                    400);
    return row;
}

Task<Result<std::string>> CloudFormation::template_text(std::optional<std::string> body,
                                                        std::optional<std::string> url) {
    if (body && url) {
        co_return fail("ValidationError",
                       "You must specify either the TemplateBody or the TemplateURL, but not both.",
                       400);
    }
    if (body) co_return *std::move(body);
    if (!url)
        co_return fail("ValidationError", "Either Template URL or Template Body must be specified.",
                       400);
    MILL_CO_TRY(ObjectPlace place, parse_template_url(*url));
    Result<Bytes> object =
        co_await objects_.get_object(std::move(place.bucket), std::move(place.key));
    if (!object && object.error().status == 0) co_return std::unexpected(object.error());
    if (!object) co_return fail("ValidationError", "S3 error: " + object.error().message, 400);
    if (object->size() > limits::template_object_bytes_max) {
        co_return fail("ValidationError",
                       fmt::format("Template may not exceed {} bytes in size.",
                                   limits::template_object_bytes_max),
                       400);
    }
    co_return *std::move(object);
}

Result<void> CloudFormation::check_types(const Value& document) const {
    std::vector<std::string> unknown;
    for (const auto& [id, resource] : *section_of(document, "Resources").members()) {
        const std::string type = text_of(resource, "Type");
        if (resource.members() && !providers_.contains(type) && !has(unknown, type))
            unknown.push_back(type);
    }
    if (unknown.empty() || options_.record_unsupported) return {};
    std::vector<std::string_view> known;
    for (const auto& [type, provider] : providers_) known.push_back(type);
    return fail("ValidationError",
                fmt::format("Template format error: Unrecognized resource types: [{}]. Millrace "
                            "supports: {}, {} with the transform {}",
                            fmt::join(unknown, ", "), fmt::join(known, ", "),
                            "AWS::Serverless::Function", sam_transform_name),
                400);
}

// Of the types that are provided: what AWS does with these is not done here. Snapshots are of
// databases and volumes.
Result<void> CloudFormation::check_policies(const Value& document) const {
    for (const auto& [id, resource] : *section_of(document, "Resources").members()) {
        const std::string type = text_of(resource, "Type");
        if (!providers_.contains(type)) continue;
        for (const std::string_view name : {"CreationPolicy", "UpdatePolicy"}) {
            if (!resource.find(name)) continue;
            return fail("ValidationError",
                        fmt::format("Millrace does not carry out {}: take it out of the resource "
                                    "{} of type {}.",
                                    name, id, type),
                        400);
        }
        for (const std::string_view name : {"DeletionPolicy", "UpdateReplacePolicy"}) {
            if (text_of(resource, name) != "Snapshot") continue;
            return fail("ValidationError",
                        fmt::format("Template error: resource type {} does not support {} Snapshot",
                                    type, name),
                        400);
        }
    }
    return {};
}

Result<Value> CloudFormation::processed(Value document, const Snippets& snippets,
                                        const References& parameters) const {
    const std::vector<std::string> transforms = transforms_of(document);
    for (const std::string& name : transforms) {
        if (name != sam_transform_name && name != language_extensions_name && name != include_name)
            return no_such_transform(name);
    }
    MILL_TRY(document, with_includes(std::move(document), snippets, parameters));
    for (const std::string& name : transforms) {
        if (name == language_extensions_name) {
            MILL_TRY(document, language_extensions(std::move(document), parameters));
        } else if (name == sam_transform_name) {
            MILL_TRY(document, sam_transform(std::move(document)));
        }
    }
    document.erase("Transform");
    MILL_CHECK(check_types(document));
    MILL_CHECK(check_policies(document));
    MILL_CHECK(check_template(document, has(transforms, language_extensions_name)));
    MILL_CHECK(check_secure_references(document));
    return document;
}

Result<Value> CloudFormation::outlined(std::string_view text) const {
    MILL_TRY(Value document, read_template(text));
    if (needs_parameters(document)) return document;
    const StackRow nobody;
    return processed(std::move(document), {}, StackReferences(nobody));
}

Task<Result<TemplateText>> CloudFormation::with_snippets(StackRow row, std::string text,
                                                         std::vector<GivenParameter> given) {
    TemplateText whole{.body = std::move(text)};
    if (!whole.body.contains("Transform")) co_return whole;
    MILL_CO_TRY(const Value document, read_template(whole.body));
    if (!has_includes(document)) co_return whole;
    MILL_CO_TRY(row.now.parameters, bind_parameters(document, given, row.now.parameters));
    MILL_CO_CHECK(resolve_stored(row));
    const StackReferences references(row, parameter_store_);
    MILL_CO_TRY(const std::vector<std::string> locations, include_locations(document, references));
    for (const std::string& location : locations) {
        if (whole.snippets.contains(location)) continue;
        MILL_CO_TRY(const std::string snippet, co_await template_text(std::nullopt, location));
        Result<Value> read = wire::parse_template(snippet);
        if (!read)
            co_return fail("ValidationError",
                           fmt::format("Transform {} failed with: The snippet {} is neither JSON "
                                       "nor YAML: {}",
                                       include_name, location, read.error().message),
                           400);
        whole.snippets[location] = *std::move(read);
    }
    co_return whole;
}

Result<void> CloudFormation::check_expansion(std::string_view text,
                                             const std::vector<std::string>& capabilities) const {
    MILL_TRY(const Value original, read_template(text));
    if (!uses_macros(original) || has(capabilities, "CAPABILITY_AUTO_EXPAND")) return {};
    return insufficient({"CAPABILITY_AUTO_EXPAND"});
}

std::span<const std::string_view> CloudFormation::create_only(std::string_view type) const {
    const auto found = providers_.find(type);
    return found == providers_.end() ? std::span<const std::string_view>()
                                     : found->second->create_only(type);
}

// Read anew at each create and update, as AWS does.
Result<void> CloudFormation::resolve_stored(StackRow& row) const {
    for (Parameter& parameter : row.now.parameters) {
        // Of this type it is the name that the template gets; it only has to be there.
        const bool is_name = parameter.type == "AWS::SSM::Parameter::Name";
        if (!parameter.is_stored() && !is_name) continue;
        if (!parameter_store_) {
            return fail(
                "ValidationError",
                fmt::format("There is no parameter store to read {} from.", parameter.value), 400);
        }
        auto value = parameter_store_->parameter_value(
            {.account = row.account, .region = row.region}, parameter.value);
        if (!value && value.error().status == 0) return std::unexpected(value.error());
        if (!value && is_name && value.error().code == "UnsupportedParameterType") continue;
        if (!value) {
            return fail("ValidationError",
                        fmt::format("Unable to fetch parameters [{}] from parameter store for this "
                                    "account.",
                                    parameter.value),
                        400);
        }
        if (!is_name) parameter.resolved = *std::move(value);
    }
    return {};
}

Result<void> CloudFormation::define(StackRow& row, TemplateText text,
                                    const std::vector<GivenParameter>& given,
                                    const std::vector<Parameter>& previous) const {
    MILL_TRY(Value document, outlined(text.body));
    MILL_TRY(row.now.parameters, bind_parameters(document, given, previous));
    MILL_CHECK(resolve_stored(row));
    const StackRow bare = bare_row(row);
    const StackReferences references(bare, parameter_store_);
    MILL_CHECK(check_rules(document, references));
    if (needs_parameters(document)) {
        MILL_TRY(document, processed(std::move(document), text.snippets, references));
    }
    MILL_CHECK(check_capabilities(document, row.now.capabilities));
    row.now.body = std::move(text.body);
    row.now.processed = write_json(document);
    row.now.description.reset();
    if (std::string description = text_of(document, "Description"); !description.empty()) {
        row.now.description = std::move(description);
    }
    MILL_TRY(const Plan plan, plan_of(row, parameter_store_));
    MILL_TRY(const std::vector<std::string> imports, planned_imports(plan, row));
    row.now.imports.clear();
    for (const std::string& name : imports) row.now.imports.push_back({name, std::nullopt});
    MILL_TRY(row.now.resources, planned_resources(plan));
    return {};
}

}  // namespace mill::cloudformation
