// SPDX-License-Identifier: Apache-2.0
// CreateStack: answered once the stack's row is durable; the resources are made afterwards.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
#include <fmt/format.h>

#include <array>

#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {

namespace {

constexpr std::array<std::string_view, 3> on_failure_values = {"DO_NOTHING", "ROLLBACK", "DELETE"};

struct CreateStackInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> template_body;
    std::optional<std::string> template_url;
    std::optional<std::vector<ParameterInput>> parameters;
    std::optional<bool> disable_rollback;
    std::optional<std::int64_t> timeout_in_minutes;
    std::optional<std::vector<std::string>> capabilities;
    std::optional<std::string> role_arn;
    std::optional<std::string> on_failure;
    std::optional<std::vector<Tag>> tags;
    std::optional<std::string> client_request_token;
    std::optional<bool> enable_termination_protection;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = CreateStackInput;
        return wire::structure(
            "CreateStackInput",
            wire::member<&In::stack_name>("StackName")
                .required()
                .pattern(stack_name_pattern)
                .length(1, 128),
            wire::member<&In::template_body>("TemplateBody")
                .length(1, limits::template_body_bytes_max),
            wire::member<&In::template_url>("TemplateURL").length(1, 5120),
            wire::member<&In::parameters>("Parameters"),
            wire::member<&In::disable_rollback>("DisableRollback"),
            wire::member<&In::timeout_in_minutes>("TimeoutInMinutes")
                .range(1, wire::unbounded_above),
            wire::member<&In::capabilities>("Capabilities").one_of(capability_names),
            wire::member<&In::role_arn>("RoleARN").length(20, 2048),
            wire::member<&In::on_failure>("OnFailure").one_of(on_failure_values),
            wire::member<&In::tags>("Tags").length(0, 50),
            client_request_token_member<&In::client_request_token>(),
            wire::member<&In::enable_termination_protection>("EnableTerminationProtection"),
            wire::refused("NotificationARNs", "There are no topics: poll DescribeStackEvents."),
            wire::refused("ResourceTypes", "Leave it out: every caller may use every type."),
            wire::refused("RollbackConfiguration", "There are no alarms to watch."),
            wire::refused("RetainExceptOnCreate",
                          "Set DeletionPolicy RetainExceptOnCreate in the template."),
            wire::refused("StackPolicyBody", "Leave it out: every resource may be updated."),
            wire::refused("StackPolicyURL", "Leave it out: every resource may be updated."));
    }
};

Task<Result<StackIdOutput>> create_stack(CloudFormation& service, Caller caller,
                                         CreateStackInput input) {
    if (input.on_failure && input.disable_rollback) {
        co_return fail("ValidationError",
                       "You can specify either DisableRollback or OnFailure, but not both.", 400);
    }
    MILL_CO_TRY(std::string body,
                co_await service.template_text(input.template_body, input.template_url));
    StackRow unborn{.name = *input.stack_name, .account = caller.account, .region = caller.region};
    MILL_CO_TRY(TemplateText text,
                co_await service.with_snippets(std::move(unborn), std::move(body),
                                               given_parameters(input.parameters)));
    if (const Stack* known = service.stacks().find(caller, *input.stack_name)) {
        const bool is_repeat = known->durable && input.client_request_token &&
                               known->row.client_request_token == input.client_request_token;
        if (is_repeat) co_return StackIdOutput{known->row.stack_id};
        co_return fail("AlreadyExistsException",
                       fmt::format("Stack [{}] already exists", *input.stack_name), 400);
    }
    MILL_CO_TRY(StackRow row, new_stack_row(service, caller, *input.stack_name));
    row.on_failure = input.on_failure.value_or("ROLLBACK");
    row.disable_rollback = input.disable_rollback.value_or(false);
    row.timeout_minutes = input.timeout_in_minutes;
    row.termination_protection = input.enable_termination_protection.value_or(false);
    row.client_request_token = std::move(input.client_request_token);
    row.role_arn = std::move(input.role_arn);
    row.now.tags = input.tags.value_or(std::vector<Tag>());
    row.now.capabilities = input.capabilities.value_or(std::vector<std::string>());
    MILL_CO_CHECK(service.check_expansion(text.body, row.now.capabilities));
    MILL_CO_CHECK(service.define(row, std::move(text), given_parameters(input.parameters), {}));
    std::string stack_id = row.stack_id;
    Stack& stack = service.stacks().add(std::move(row));
    service.stacks().set_status(stack, "CREATE_IN_PROGRESS", "User Initiated");
    const Result<void> saved = co_await service.stacks().save(stack);
    if (!saved) {
        service.stacks().drop(stack);
        co_return std::unexpected(saved.error());
    }
    service.launch(stack);
    co_return StackIdOutput{std::move(stack_id)};
}

}  // namespace

extern const wire::Operation create_stack_operation;
const wire::Operation create_stack_operation = wire::operation<&create_stack>("CreateStack");

}  // namespace mill::cloudformation
