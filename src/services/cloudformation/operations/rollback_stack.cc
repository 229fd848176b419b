// SPDX-License-Identifier: Apache-2.0
// RollbackStack: what was left as it failed goes back to what was there before, or goes.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
#include <fmt/format.h>

#include "services/cloudformation/change_set_shapes.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {
namespace {

struct RollbackStackInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> role_arn;
    std::optional<std::string> client_request_token;

    static constexpr auto shape() {
        using In = RollbackStackInput;
        return wire::structure("RollbackStackInput",
                               wire::member<&In::stack_name>("StackName")
                                   .required()
                                   .pattern(stack_name_or_id_pattern)
                                   .length(1, 2048),
                               wire::member<&In::role_arn>("RoleARN").length(20, 2048),
                               client_request_token_member<&In::client_request_token>(),
                               wire::refused("RetainExceptOnCreate",
                                             "Set DeletionPolicy RetainExceptOnCreate in the "
                                             "template."));
    }
};

Task<Result<StackIdOutput>> rollback_stack(CloudFormation& service, Caller caller,
                                           RollbackStackInput input) {
    MILL_CO_TRY(Stack * stack, find_stack(service, caller, *input.stack_name));
    StackRow& row = stack->row;
    const bool is_creation = row.status == "CREATE_FAILED";
    if (stack->running || (!is_creation && row.status != "UPDATE_FAILED")) {
        co_return fail("ValidationError",
                       fmt::format("Stack:{} is in {} state and can not be rolled back.",
                                   row.stack_id, row.status),
                       400);
    }
    if (input.role_arn) row.role_arn = std::move(input.role_arn);
    row.client_request_token = std::move(input.client_request_token);
    if (!is_creation) StackRunner::turn_back(row);
    service.stacks().set_status(
        *stack, is_creation ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS",
        "User Initiated");
    std::string stack_id = row.stack_id;
    MILL_CO_CHECK(co_await save_and_launch(service, *stack));
    co_return StackIdOutput{std::move(stack_id)};
}

}  // namespace

extern const wire::Operation rollback_stack_operation;
const wire::Operation rollback_stack_operation = wire::operation<&rollback_stack>("RollbackStack");

}  // namespace mill::cloudformation
