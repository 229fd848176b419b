// SPDX-License-Identifier: Apache-2.0
// DeleteChangeSet. One that does not exist, of a stack that does, is a success.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html
#include <fmt/format.h>

#include "services/cloudformation/change_set_shapes.h"

namespace mill::cloudformation {
namespace {

struct DeleteChangeSetInput {
    std::optional<std::string> change_set_name;
    std::optional<std::string> stack_name;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = DeleteChangeSetInput;
        return wire::structure("DeleteChangeSetInput",
                               change_set_name_member<&In::change_set_name>(),
                               wire::member<&In::stack_name>("StackName")
                                   .pattern(stack_name_or_id_pattern)
                                   .length(1, 2048));
    }
};

struct DeleteChangeSetOutput {
    static constexpr auto shape() { return wire::structure("DeleteChangeSetOutput"); }
};

Task<Result<DeleteChangeSetOutput>> delete_change_set(CloudFormation& service, Caller caller,
                                                      DeleteChangeSetInput input) {
    const auto found = find_change_set(service, caller, *input.change_set_name, input.stack_name);
    if (!found && found.error().code == "ChangeSetNotFound") co_return DeleteChangeSetOutput{};
    MILL_CO_CHECK(found);
    const ChangeSetRow& row = *found->change_set;
    MILL_CO_CHECK(check_root(row));
    const std::string_view status = execution_status(row, *found->stack->durable);
    if (row.executed && status == "EXECUTE_IN_PROGRESS") {
        co_return fail(
            "InvalidChangeSetStatus",
            fmt::format("The change set [{}] cannot be deleted in its current status of [{}]",
                        row.id, status),
            400);
    }
    MILL_CO_CHECK(co_await service.stacks().commit(service.change_sets().erased(row)));
    service.change_sets().forget(row);
    co_return DeleteChangeSetOutput{};
}

}  // namespace

extern const wire::Operation delete_change_set_operation;
const wire::Operation delete_change_set_operation =
    wire::operation<&delete_change_set>("DeleteChangeSet");

}  // namespace mill::cloudformation
