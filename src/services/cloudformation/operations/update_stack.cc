// SPDX-License-Identifier: Apache-2.0
// UpdateStack: answered once the order is durable; the resources are changed afterwards.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

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
            wire::refused("DisableRollback", "A failed update is rolled back."));
    }
};

bool can_be_updated(std::string_view status) {
    return status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" ||
           status == "UPDATE_ROLLBACK_COMPLETE";
}

// The new plan's resources, as far as they exist with what is known of them.
Result<std::vector<ResourceRow>> carried_over(const std::vector<ResourceRow>& planned,
                                              const std::vector<ResourceRow>& old) {
    std::vector<ResourceRow> out;
    std::vector<std::string> changed_types;
    for (const ResourceRow& resource : planned) {
        const ResourceRow* known = find_resource(old, resource.logical_id);
        out.push_back(known ? *known : resource);
        if (known && known->type != resource.type) changed_types.push_back(resource.logical_id);
        out.back().deletion_policy = resource.deletion_policy;
        out.back().update_replace_policy = resource.update_replace_policy;
        out.back().depends_on = resource.depends_on;
    }
    if (changed_types.empty()) return out;
    return fail("ValidationError",
                fmt::format("Update of resource type is not permitted. The new template modifies "
                            "resource type of the "
                            "following resources: [{}]",
                            fmt::join(changed_types, ", ")),
                400);
}

Result<StackRow> updated_row(CloudFormation& service, const StackRow& row, std::string text,
                             const UpdateStackInput& input) {
    StackRow next = row;
    if (input.capabilities) next.now.capabilities = *input.capabilities;
    if (input.tags) next.now.tags = *input.tags;
    if (input.role_arn) next.role_arn = input.role_arn;
    next.client_request_token = input.client_request_token;
    MILL_CHECK(service.define(next, std::move(text), given_parameters(input.parameters),
                              row.now.parameters));
    const bool is_same = next.now.processed == row.now.processed &&
                         next.now.parameters == row.now.parameters && next.now.tags == row.now.tags;
    if (is_same) return fail("ValidationError", "No updates are to be performed.", 400);
    MILL_TRY(next.now.resources, carried_over(next.now.resources, row.now.resources));
    next.previous = row.now;
    next.last_updated = service.machine().clock.wall();
    return next;
}

Task<Result<StackIdOutput>> update_stack(CloudFormation& service, Caller caller,
                                         UpdateStackInput input) {
    const bool uses_previous = input.use_previous_template.value_or(false);
    std::string text;
    if (!uses_previous) {
        MILL_CO_TRY(text, co_await service.template_text(input.template_body, input.template_url));
    }
    Stack* stack = service.stacks().find(caller, *input.stack_name);
    if (!stack || !stack->durable || stack->row.deleted) {
        co_return fail("ValidationError",
                       fmt::format("Stack [{}] does not exist", *input.stack_name), 400);
    }
    if (input.client_request_token && stack->row.last_updated &&
        stack->row.client_request_token == input.client_request_token) {
        co_return StackIdOutput{stack->row.stack_id};  // a repeated call
    }
    if (!can_be_updated(stack->row.status) || stack->running) {
        co_return fail("ValidationError",
                       fmt::format("Stack:{} is in {} state and can not be updated.",
                                   stack->row.stack_id, stack->row.status),
                       400);
    }
    if (uses_previous) text = stack->row.now.body;
    const StackRow before = stack->row;
    MILL_CO_TRY(stack->row, updated_row(service, before, std::move(text), input));
    service.stacks().set_status(*stack, "UPDATE_IN_PROGRESS", "User Initiated");
    const Result<void> saved = co_await service.stacks().save(*stack);
    if (!saved) {
        stack->row = before;
        co_return std::unexpected(saved.error());
    }
    service.launch(*stack);
    co_return StackIdOutput{stack->row.stack_id};
}

}  // namespace

extern const wire::Operation update_stack_operation;
const wire::Operation update_stack_operation = wire::operation<&update_stack>("UpdateStack");

}  // namespace mill::cloudformation
