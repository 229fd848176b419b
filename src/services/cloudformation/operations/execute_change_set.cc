// SPDX-License-Identifier: Apache-2.0
// ExecuteChangeSet: answered once the stack's new definition and the end of all its change sets are
// durable; the resources are made and changed afterwards.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
#include <fmt/format.h>

#include "services/cloudformation/change_set_shapes.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {
namespace {

struct ExecuteChangeSetInput {
    std::optional<std::string> change_set_name;
    std::optional<std::string> stack_name;
    std::optional<std::string> client_request_token;
    std::optional<bool> disable_rollback;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = ExecuteChangeSetInput;
        return wire::structure(
            "ExecuteChangeSetInput", change_set_name_member<&In::change_set_name>(),
            wire::member<&In::stack_name>("StackName")
                .pattern(stack_name_or_id_pattern)
                .length(1, 2048),
            client_request_token_member<&In::client_request_token>(),
            wire::member<&In::disable_rollback>("DisableRollback"),
            wire::refused("RetainExceptOnCreate",
                          "Set DeletionPolicy RetainExceptOnCreate in the template."));
    }
};

struct ExecuteChangeSetOutput {
    static constexpr auto shape() { return wire::structure("ExecuteChangeSetOutput"); }
};

Result<void> check_executable(const ChangeSetRow& row, const Stack& stack,
                              const ExecuteChangeSetInput& input) {
    const bool is_failed = row.status != "CREATE_COMPLETE";
    if (is_failed || row.executed) {
        return fail("InvalidChangeSetStatus",
                    fmt::format("ChangeSet [{}] cannot be executed in its current {}status of [{}]",
                                row.id, is_failed ? "" : "execution ",
                                is_failed ? row.status : execution_status(row, *stack.durable)),
                    400);
    }
    const bool disables = input.disable_rollback.value_or(false);
    if (disables && row.on_stack_failure) {
        return fail("ValidationError",
                    "You can specify either DisableRollback or OnStackFailure, but not both.", 400);
    }
    if (row.type == "CREATE") {
        if (stack.row.status == "REVIEW_IN_PROGRESS") return {};
        return fail("InvalidChangeSetStatus",
                    fmt::format("ChangeSet [{}] cannot be executed: its stack is in status [{}]",
                                row.id, stack.row.status),
                    400);
    }
    if (row.on_stack_failure == "DELETE") {
        return fail("ValidationError",
                    "OnStackFailure DELETE can only be specified for the creation of a stack.",
                    400);
    }
    return check_updatable(stack);
}

// The stack's row with what the change set says.
Result<StackRow> changed_row(CloudFormation& service, const StackRow& before,
                             const ChangeSetRow& change_set, const ExecuteChangeSetInput& input) {
    StackRow row = before;
    row.now = change_set.target;
    MILL_TRY(row.now.resources, carried_over(change_set.target.resources, before.now.resources));
    row.now.outputs = before.now.outputs;
    row.change_set_id = change_set.id;
    row.undoes.reset();
    row.client_request_token = input.client_request_token;
    if (change_set.role_arn) row.role_arn = change_set.role_arn;
    row.disable_rollback =
        input.disable_rollback.value_or(false) || change_set.on_stack_failure == "DO_NOTHING";
    if (change_set.type == "CREATE") {
        row.on_failure = change_set.on_stack_failure.value_or("ROLLBACK");
    } else {
        remember_previous(row, before);
    }
    row.last_updated = service.machine().clock.wall();
    return row;
}

Task<Result<ExecuteChangeSetOutput>> execute_change_set(CloudFormation& service, Caller caller,
                                                        ExecuteChangeSetInput input) {
    MILL_CO_TRY(const FoundChangeSet found,
                find_change_set(service, caller, *input.change_set_name, input.stack_name));
    Stack& stack = *found.stack;
    const ChangeSetRow& change_set = *found.change_set;
    const bool is_repeat = change_set.executed && input.client_request_token &&
                           stack.row.client_request_token == input.client_request_token;
    if (is_repeat) co_return ExecuteChangeSetOutput{};
    MILL_CO_CHECK(check_root(change_set));
    MILL_CO_CHECK(check_executable(change_set, stack, input));
    MILL_CO_TRY(stack.row, changed_row(service, stack.row, change_set, input));
    service.stacks().set_status(
        stack, change_set.type == "CREATE" ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS",
        "User Initiated");
    MILL_CO_CHECK(
        co_await service.stacks().save(stack, service.change_sets().ended(stack.row, &change_set)));
    service.change_sets().show_ended(stack.row, &change_set);
    service.launch(stack);
    co_return ExecuteChangeSetOutput{};
}

}  // namespace

extern const wire::Operation execute_change_set_operation;
const wire::Operation execute_change_set_operation =
    wire::operation<&execute_change_set>("ExecuteChangeSet");

}  // namespace mill::cloudformation
