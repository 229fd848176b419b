// SPDX-License-Identifier: Apache-2.0
// UpdateTerminationProtection: whether DeleteStack is refused.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html
#include "services/cloudformation/change_set_shapes.h"

namespace mill::cloudformation {
namespace {

struct UpdateTerminationProtectionInput {
    std::optional<bool> enable;
    std::optional<std::string> stack_name;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = UpdateTerminationProtectionInput;
        return wire::structure("UpdateTerminationProtectionInput",
                               wire::member<&In::enable>("EnableTerminationProtection").required(),
                               wire::member<&In::stack_name>("StackName")
                                   .required()
                                   .pattern(stack_name_or_id_pattern)
                                   .length(1, 2048));
    }
};

Task<Result<StackIdOutput>> update_termination_protection(CloudFormation& service, Caller caller,
                                                          UpdateTerminationProtectionInput input) {
    MILL_CO_TRY(Stack * stack, find_stack(service, caller, *input.stack_name));
    stack->row.termination_protection = *input.enable;
    MILL_CO_CHECK(co_await service.stacks().save(*stack));
    co_return StackIdOutput{stack->row.stack_id};
}

}  // namespace

extern const wire::Operation update_termination_protection_operation;
const wire::Operation update_termination_protection_operation =
    wire::operation<&update_termination_protection>("UpdateTerminationProtection");

}  // namespace mill::cloudformation
