// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/change_set_shapes.h"

#include <fmt/format.h>

namespace mill::cloudformation {

Result<Stack*> find_stack(CloudFormation& service, const Caller& caller, const std::string& name) {
    Stack* stack = service.stacks().find(caller, name);
    if (!stack || !stack->durable || stack->row.deleted)
        return fail("ValidationError", fmt::format("Stack [{}] does not exist", name), 400);
    return stack;
}

Result<void> check_root(const ChangeSetRow& row) {
    if (!row.root_change_set_id) return {};
    return fail("ValidationError",
                fmt::format("ChangeSet [{}] is of a nested stack: execute or delete its root [{}].",
                            row.id, *row.root_change_set_id),
                400);
}

Result<FoundChangeSet> find_change_set(CloudFormation& service, const Caller& caller,
                                       const std::string& name,
                                       const std::optional<std::string>& stack_name) {
    FoundChangeSet found;
    if (name.starts_with("arn:")) {
        found.change_set = service.change_sets().find(name);
        if (found.change_set)
            found.stack = service.stacks().find(caller, found.change_set->stack_id);
    } else if (stack_name) {
        MILL_TRY(found.stack, find_stack(service, caller, *stack_name));
        found.change_set = service.change_sets().find(found.stack->row.stack_id, name);
    } else {
        return fail("ValidationError",
                    "StackName must be specified if ChangeSetName is not specified as an ARN.",
                    400);
    }
    if (found.change_set && found.stack && found.stack->durable) return found;
    return fail("ChangeSetNotFound", fmt::format("ChangeSet [{}] does not exist", name), 404);
}

}  // namespace mill::cloudformation
