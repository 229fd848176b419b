// SPDX-License-Identifier: Apache-2.0
// ValidateTemplate: the checks that CreateStack makes, without a stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html
#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

namespace {

struct ValidateTemplateInput {
    std::optional<std::string> template_body;
    std::optional<std::string> template_url;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = ValidateTemplateInput;
        return wire::structure("ValidateTemplateInput",
                               wire::member<&In::template_body>("TemplateBody")
                                   .length(1, limits::template_body_bytes_max),
                               wire::member<&In::template_url>("TemplateURL").length(1, 5120));
    }
};

struct TemplateParameter {
    std::string key;
    std::optional<std::string> default_value;
    bool no_echo = false;
    std::optional<std::string> description;

    static constexpr auto shape() {
        using Out = TemplateParameter;
        return wire::structure("TemplateParameter", wire::member<&Out::key>("ParameterKey"),
                               wire::member<&Out::default_value>("DefaultValue"),
                               wire::member<&Out::no_echo>("NoEcho"),
                               wire::member<&Out::description>("Description"));
    }
};

struct ValidateTemplateOutput {
    std::vector<TemplateParameter> parameters;
    std::optional<std::string> description;
    std::vector<std::string> capabilities;
    std::optional<std::string> capabilities_reason;
    std::vector<std::string> declared_transforms;

    static constexpr auto shape() {
        using Out = ValidateTemplateOutput;
        return wire::structure("ValidateTemplateOutput",
                               wire::member<&Out::parameters>("Parameters"),
                               wire::member<&Out::description>("Description"),
                               wire::member<&Out::capabilities>("Capabilities"),
                               wire::member<&Out::capabilities_reason>("CapabilitiesReason"),
                               wire::member<&Out::declared_transforms>("DeclaredTransforms"));
    }
};

Task<Result<ValidateTemplateOutput>> validate_template(CloudFormation& service, Caller,
                                                       ValidateTemplateInput input) {
    MILL_CO_TRY(const std::string text,
                co_await service.template_text(input.template_body, input.template_url));
    MILL_CO_TRY(const wire::Value original, read_template(text));
    MILL_CO_TRY(const wire::Value document, service.outlined(text));
    const RequiredCapabilities required = required_capabilities(document);
    ValidateTemplateOutput output{.capabilities = required.capabilities,
                                  .capabilities_reason = capabilities_reason(required),
                                  .declared_transforms = transforms_of(original)};
    for (DeclaredParameter& parameter : declared_parameters(document)) {
        output.parameters.push_back({.key = std::move(parameter.key),
                                     .default_value = std::move(parameter.default_value),
                                     .no_echo = parameter.no_echo,
                                     .description = std::move(parameter.description)});
    }
    if (uses_macros(original)) output.capabilities.emplace_back("CAPABILITY_AUTO_EXPAND");
    if (std::string description = text_of(document, "Description"); !description.empty()) {
        output.description = std::move(description);
    }
    co_return output;
}

}  // namespace

extern const wire::Operation validate_template_operation;
const wire::Operation validate_template_operation =
    wire::operation<&validate_template>("ValidateTemplate");

}  // namespace mill::cloudformation
