// SPDX-License-Identifier: Apache-2.0
// UpdateStack: answered once the order is durable; the resources are changed afterwards.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
#include <fmt/format.h>

#include "services/cloudformation/change_set_shapes.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {

namespace {

struct UpdateStackInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> template_body;
    std::optional<std::string> template_url;
    std::optional<bool> use_previous_template;
    std::optional<std::vector<ParameterInput>> parameters;
    std::optional<std::vector<std::string>> capabilities;
    std::optional<std::string> role_arn;
    std::optional<std::vector<Tag>> tags;
    std::optional<std::string> client_request_token;
    std::optional<bool> disable_rollback;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = UpdateStackInput;
        return wire::structure(
            "UpdateStackInput",
            wire::member<&In::stack_name>("StackName").required().length(1, 2048),
            wire::member<&In::template_body>("TemplateBody")
                .length(1, limits::template_body_bytes_max),
            wire::member<&In::template_url>("TemplateURL").length(1, 5120),
            wire::member<&In::use_previous_template>("UsePreviousTemplate"),
            wire::member<&In::parameters>("Parameters"),
            wire::member<&In::capabilities>("Capabilities").one_of(capability_names),
            wire::member<&In::role_arn>("RoleARN").length(20, 2048),
            wire::member<&In::tags>("Tags").length(0, 50),
            client_request_token_member<&In::client_request_token>(),
            wire::refused("NotificationARNs", "There are no topics: poll DescribeStackEvents."),
            wire::refused("ResourceTypes", "Leave it out: every caller may use every type."),
            wire::refused("RollbackConfiguration", "There are no alarms to watch."),
            wire::refused("RetainExceptOnCreate",
                          "Set DeletionPolicy RetainExceptOnCreate in the template."),
            wire::refused("StackPolicyBody", "Leave it out: every resource may be updated."),
            wire::refused("StackPolicyURL", "Leave it out: every resource may be updated."),
            wire::refused("StackPolicyDuringUpdateBody", "Leave it out: no policy is in force."),
            wire::refused("StackPolicyDuringUpdateURL", "Leave it out: no policy is in force."),
            wire::member<&In::disable_rollback>("DisableRollback"));
    }
};

Task<Result<StackIdOutput>> update_stack(CloudFormation& service, Caller caller,
                                         UpdateStackInput input) {
    std::optional<std::string> body;
    if (!input.use_previous_template.value_or(false)) {
        MILL_CO_TRY(body, co_await service.template_text(input.template_body, input.template_url));
    }
    MILL_CO_TRY(TemplateText text,
                co_await updated_text(service, caller, *input.stack_name, std::move(body),
                                      given_parameters(input.parameters)));
    MILL_CO_TRY(Stack * stack, find_stack(service, caller, *input.stack_name));
    if (input.client_request_token && stack->row.last_updated &&
        stack->row.client_request_token == input.client_request_token) {
        co_return StackIdOutput{stack->row.stack_id};  // a repeated call
    }
    MILL_CO_CHECK(check_updatable(*stack));
    const StackRow before = stack->row;
    MILL_CO_CHECK(
        service.check_expansion(text.body, input.capabilities.value_or(before.now.capabilities)));
    MILL_CO_TRY(StackRow next,
                updated_row(service, before,
                            {.text = std::move(text),
                             .parameters = given_parameters(input.parameters),
                             .capabilities = std::move(input.capabilities),
                             .tags = std::move(input.tags),
                             .role_arn = std::move(input.role_arn),
                             .disable_rollback = input.disable_rollback.value_or(false)}));
    if (changes_nothing(next.now, before))
        co_return fail("ValidationError", "No updates are to be performed.", 400);
    next.client_request_token = std::move(input.client_request_token);
    std::string stack_id = next.stack_id;
    MILL_CO_CHECK(co_await begin_update(service, *stack, std::move(next)));
    co_return StackIdOutput{std::move(stack_id)};
}

}  // namespace

extern const wire::Operation update_stack_operation;
const wire::Operation update_stack_operation = wire::operation<&update_stack>("UpdateStack");

}  // namespace mill::cloudformation
