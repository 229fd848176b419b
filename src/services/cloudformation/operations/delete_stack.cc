// SPDX-License-Identifier: Apache-2.0
// DeleteStack: answered once the order is durable. A stack that does not exist is a success.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
#include <fmt/format.h>

#include "services/cloudformation/exports.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {

namespace {

struct DeleteStackInput {
    std::optional<std::string> stack_name;
    std::optional<std::vector<std::string>> retain_resources;
    std::optional<std::string> role_arn;
    std::optional<std::string> client_request_token;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = DeleteStackInput;
        return wire::structure(
            "DeleteStackInput",
            wire::member<&In::stack_name>("StackName").required().length(1, 2048),
            wire::member<&In::retain_resources>("RetainResources"),
            wire::member<&In::role_arn>("RoleARN").length(20, 2048),
            client_request_token_member<&In::client_request_token>(),
            wire::refused("DeletionMode", "Delete what fails to go by RetainResources.")
                .unless("STANDARD"));
    }
};

Result<void> check_deletable(const StackRow& row, const DeleteStackInput& input) {
    if (row.termination_protection) {
        return fail(
            "ValidationError",
            fmt::format("Stack [{}] cannot be deleted while TerminationProtection is enabled",
                        row.name),
            400);
    }
    const bool is_under_way = is_in_progress(row.status) && row.status != "CREATE_IN_PROGRESS" &&
                              row.status != "ROLLBACK_IN_PROGRESS";
    if (is_under_way) {
        return fail("ValidationError",
                    fmt::format("Stack [{}] cannot be deleted while in status {}", row.stack_id,
                                row.status),
                    400);
    }
    if (input.retain_resources && !input.retain_resources->empty() &&
        row.status != "DELETE_FAILED") {
        return fail("ValidationError",
                    fmt::format("Invalid operation on stack [{}]. When you delete a stack, specify "
                                "which resources to retain "
                                "only when the stack is in the DELETE_FAILED state.",
                                row.stack_id),
                    400);
    }
    return {};
}

Task<Result<wire::Empty>> delete_stack(CloudFormation& service, Caller caller,
                                       DeleteStackInput input) {
    Stack* stack = service.stacks().find(caller, *input.stack_name);
    if (!stack || !stack->durable || stack->row.deleted ||
        stack->durable->status == "DELETE_IN_PROGRESS") {
        co_return wire::Empty{};
    }
    if (const auto unused = check_unused(service.stacks(), stack->row);
        !unused && stack->row.status != "DELETE_IN_PROGRESS") {
        MILL_CO_CHECK(check_deletable(stack->row, input));
        // As AWS does: it is an event only, and the stack's status stays.
        service.stacks().set_status(*stack, stack->row.status, unused.error().message);
        MILL_CO_CHECK(co_await service.stacks().save(*stack));
        co_return wire::Empty{};
    }
    // Ordered by another request that has not been answered yet: this one answers when it is
    // durable.
    if (stack->row.status != "DELETE_IN_PROGRESS") {
        MILL_CO_CHECK(check_deletable(stack->row, input));
        // A creation or rollback under way sees the new status after its current step and goes on
        // with the deletion.
        stack->row.retain = input.retain_resources.value_or(std::vector<std::string>());
        stack->row.client_request_token = input.client_request_token;
        service.stacks().set_status(*stack, "DELETE_IN_PROGRESS", "User Initiated");
    }
    MILL_CO_CHECK(co_await save_and_launch(service, *stack));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_stack_operation;
const wire::Operation delete_stack_operation = wire::operation<&delete_stack>("DeleteStack");

}  // namespace mill::cloudformation
