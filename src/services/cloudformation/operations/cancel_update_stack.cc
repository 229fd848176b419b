// SPDX-License-Identifier: Apache-2.0
// CancelUpdateStack: an update under way is rolled back once its current step has ended, those of
// its nested stacks as well.
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

// The updates under way of the stack and of the stacks that it nests, the outermost first: it is
// the one that must not go on.
std::vector<Stack*> updates_within(CloudFormation& service, Stack& stack) {
    std::vector<Stack*> found{&stack};
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (Stack* one : service.stacks().all()) {
            if (one->row.parent_id == found[i]->row.stack_id) found.push_back(one);
        }
    }
    std::erase_if(found, [](const Stack* one) { return one->row.status != "UPDATE_IN_PROGRESS"; });
    return found;
}

Task<Result<wire::Empty>> cancel_update_stack(CloudFormation& service, Caller caller,
                                              CancelUpdateStackInput input) {
    MILL_CO_TRY(Stack * stack, find_stack(service, caller, *input.stack_name));
    if (stack->row.status != "UPDATE_IN_PROGRESS") {
        co_return fail("ValidationError",
                       "CancelUpdateStack cannot be called from current stack status", 400);
    }
    const std::vector<Stack*> updates = updates_within(service, *stack);
    for (Stack* one : updates) one->row.is_cancelled = true;
    for (Stack* one : updates) MILL_CO_CHECK(co_await service.stacks().save(*one));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation cancel_update_stack_operation;
const wire::Operation cancel_update_stack_operation =
    wire::operation<&cancel_update_stack>("CancelUpdateStack");

}  // namespace mill::cloudformation
