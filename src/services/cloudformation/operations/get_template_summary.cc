// SPDX-License-Identifier: Apache-2.0
// GetTemplateSummary: parameters, capabilities and types of a template, or of a stack's.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html
#include <algorithm>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {
namespace {

struct GetTemplateSummaryInput {
    std::optional<std::string> template_body;
    std::optional<std::string> template_url;
    std::optional<std::string> stack_name;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = GetTemplateSummaryInput;
        return wire::structure(
            "GetTemplateSummaryInput",
            wire::member<&In::template_body>("TemplateBody")
                .length(1, limits::template_body_bytes_max),
            wire::member<&In::template_url>("TemplateURL").length(1, 5120),
            wire::member<&In::stack_name>("StackName")
                .pattern(stack_name_or_id_pattern)
                .length(1, 2048),
            wire::refused("StackSetName", "There are no stack sets."),
            wire::refused("CallAs", "There are no organizations.").unless("SELF"),
            wire::refused("TemplateSummaryConfig", "Types that are not known are refused."));
    }
};

struct ParameterConstraints {
    std::vector<std::string> allowed_values;

    static constexpr auto shape() {
        return wire::structure(
            "ParameterConstraints",
            wire::member<&ParameterConstraints::allowed_values>("AllowedValues"));
    }
};

struct ParameterDeclaration {
    std::string key;
    std::optional<std::string> default_value;
    std::string type;
    bool no_echo = false;
    std::optional<std::string> description;
    std::optional<ParameterConstraints> constraints;

    static constexpr auto shape() {
        using Out = ParameterDeclaration;
        return wire::structure("ParameterDeclaration", wire::member<&Out::key>("ParameterKey"),
                               wire::member<&Out::default_value>("DefaultValue"),
                               wire::member<&Out::type>("ParameterType"),
                               wire::member<&Out::no_echo>("NoEcho"),
                               wire::member<&Out::description>("Description"),
                               wire::member<&Out::constraints>("ParameterConstraints"));
    }
};

struct GetTemplateSummaryOutput {
    std::vector<ParameterDeclaration> parameters;
    std::optional<std::string> description;
    std::vector<std::string> capabilities;
    std::optional<std::string> capabilities_reason;
    std::vector<std::string> resource_types;
    std::optional<std::string> version;
    std::optional<std::string> metadata;
    std::vector<std::string> declared_transforms;

    static constexpr auto shape() {
        using Out = GetTemplateSummaryOutput;
        return wire::structure(
            "GetTemplateSummaryOutput", wire::member<&Out::parameters>("Parameters"),
            wire::member<&Out::description>("Description"),
            wire::member<&Out::capabilities>("Capabilities"),
            wire::member<&Out::capabilities_reason>("CapabilitiesReason"),
            wire::member<&Out::resource_types>("ResourceTypes"),
            wire::member<&Out::version>("Version"), wire::member<&Out::metadata>("Metadata"),
            wire::member<&Out::declared_transforms>("DeclaredTransforms"));
    }
};

// Exactly one of the three says what is asked about.
Task<Result<std::string>> asked_text(CloudFormation& service, Caller caller,
                                     GetTemplateSummaryInput input) {
    if (!input.stack_name)
        co_return co_await service.template_text(input.template_body, input.template_url);
    if (input.template_body || input.template_url) {
        co_return fail("ValidationError",
                       "Only one of StackName, TemplateBody and TemplateURL can be specified.",
                       400);
    }
    MILL_CO_TRY(const auto row, service.existing(caller, *input.stack_name));
    if (row->status == "REVIEW_IN_PROGRESS") {
        co_return fail("ValidationError",
                       "GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.", 400);
    }
    co_return row->now.body;
}

std::optional<std::string> optional_text(const wire::Value& document, std::string_view name) {
    const wire::Value* value = document.find(name);
    return value ? scalar_text(*value) : std::nullopt;
}

ParameterDeclaration declaration_of(DeclaredParameter parameter) {
    ParameterDeclaration out{.key = std::move(parameter.key),
                             .default_value = std::move(parameter.default_value),
                             .type = std::move(parameter.type),
                             .no_echo = parameter.no_echo,
                             .description = std::move(parameter.description)};
    if (!parameter.allowed_values.empty())
        out.constraints = ParameterConstraints{std::move(parameter.allowed_values)};
    return out;
}

Task<Result<GetTemplateSummaryOutput>> get_template_summary(CloudFormation& service, Caller caller,
                                                            GetTemplateSummaryInput input) {
    MILL_CO_TRY(const std::string text,
                co_await asked_text(service, std::move(caller), std::move(input)));
    MILL_CO_TRY(const wire::Value original, read_template(text));
    MILL_CO_TRY(const wire::Value document, service.outlined(text));
    const RequiredCapabilities required = required_capabilities(document);
    GetTemplateSummaryOutput output{.description = optional_text(original, "Description"),
                                    .capabilities = required.capabilities,
                                    .capabilities_reason = capabilities_reason(required),
                                    .version = optional_text(original, "AWSTemplateFormatVersion"),
                                    .declared_transforms = transforms_of(original)};
    for (DeclaredParameter& parameter : declared_parameters(original))
        output.parameters.push_back(declaration_of(std::move(parameter)));
    if (uses_macros(original)) output.capabilities.emplace_back("CAPABILITY_AUTO_EXPAND");
    if (const wire::Value* metadata = original.find("Metadata"))
        output.metadata = wire::write_json(*metadata);
    for (const auto& [id, resource] : *section_of(original, "Resources").members()) {
        const std::string type = text_of(resource, "Type");
        const bool is_known =
            std::ranges::find(output.resource_types, type) != output.resource_types.end();
        if (!is_known && !type.empty()) output.resource_types.push_back(type);
    }
    co_return output;
}

}  // namespace

extern const wire::Operation get_template_summary_operation;
const wire::Operation get_template_summary_operation =
    wire::operation<&get_template_summary>("GetTemplateSummary");

}  // namespace mill::cloudformation
