// SPDX-License-Identifier: Apache-2.0
// CancelUpdateStack: an update under way is rolled back once its current step has ended.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
#include <fmt/format.h>

#include "services/cloudformation/change_set_shapes.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {
namespace {

struct CancelUpdateStackInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> client_request_token;

    static constexpr auto shape() {
        using In = CancelUpdateStackInput;
        return wire::structure(
            "CancelUpdateStackInput",
            wire::member<&In::stack_name>("StackName").required().length(1, 2048),
            client_request_token_member<&In::client_request_token>());
    }
};

Task<Result<wire::Empty>> cancel_update_stack(CloudFormation& service, Caller caller,
                                              CancelUpdateStackInput input) {
    MILL_CO_TRY(Stack * stack, find_stack(service, caller, *input.stack_name));
    if (stack->row.status != "UPDATE_IN_PROGRESS") {
        co_return fail("ValidationError",
                       "CancelUpdateStack cannot be called from current stack status", 400);
    }
    stack->row.is_cancelled = true;
    MILL_CO_CHECK(co_await service.stacks().save(*stack));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation cancel_update_stack_operation;
const wire::Operation cancel_update_stack_operation =
    wire::operation<&cancel_update_stack>("CancelUpdateStack");

}  // namespace mill::cloudformation
