// SPDX-License-Identifier: Apache-2.0
// ContinueUpdateRollback: tries again what kept an update from being rolled back, or leaves it as
// it is.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
#include <fmt/format.h>

#include "services/cloudformation/change_set_shapes.h"
#include "services/cloudformation/stack_orders.h"

namespace mill::cloudformation {
namespace {

struct ContinueUpdateRollbackInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> role_arn;
    std::optional<std::vector<std::string>> resources_to_skip;
    std::optional<std::string> client_request_token;

    static constexpr auto shape() {
        using In = ContinueUpdateRollbackInput;
        return wire::structure("ContinueUpdateRollbackInput",
                               wire::member<&In::stack_name>("StackName")
                                   .required()
                                   .pattern(stack_name_or_id_pattern)
                                   .length(1, 2048),
                               wire::member<&In::role_arn>("RoleARN").length(20, 2048),
                               wire::member<&In::resources_to_skip>("ResourcesToSkip"),
                               client_request_token_member<&In::client_request_token>());
    }
};

struct ContinueUpdateRollbackOutput {
    static constexpr auto shape() { return wire::structure("ContinueUpdateRollbackOutput"); }
};

Result<void> check_skipped(const StackRow& row, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const ResourceRow* resource = find_resource(row.now.resources, name);
        if (resource && resource->status == "UPDATE_FAILED") continue;
        return fail("ValidationError",
                    fmt::format("Resources [{}] cannot be skipped: only those that failed to be "
                                "rolled back can.",
                                name),
                    400);
    }
    return {};
}

Task<Result<ContinueUpdateRollbackOutput>> continue_update_rollback(
    CloudFormation& service, Caller caller, ContinueUpdateRollbackInput input) {
    MILL_CO_TRY(Stack * stack, find_stack(service, caller, *input.stack_name));
    StackRow& row = stack->row;
    if (row.status != "UPDATE_ROLLBACK_FAILED" || stack->running) {
        co_return fail("ValidationError",
                       fmt::format("Stack:{} is in {} state and can not continue to roll back.",
                                   row.stack_id, row.status),
                       400);
    }
    const auto skipped = input.resources_to_skip.value_or(std::vector<std::string>());
    MILL_CO_CHECK(check_skipped(row, skipped));
    if (input.role_arn) row.role_arn = std::move(input.role_arn);
    row.client_request_token = std::move(input.client_request_token);
    service.stacks().set_status(*stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated");
    for (const std::string& name : skipped) {
        ResourceRow& resource = *find_resource(row.now.resources, name);
        resource.unsettled = false;
        service.stacks().set_status(*stack, resource, "UPDATE_COMPLETE", "Skipped by the user");
    }
    MILL_CO_CHECK(co_await save_and_launch(service, *stack));
    co_return ContinueUpdateRollbackOutput{};
}

}  // namespace

extern const wire::Operation continue_update_rollback_operation;
const wire::Operation continue_update_rollback_operation =
    wire::operation<&continue_update_rollback>("ContinueUpdateRollback");

}  // namespace mill::cloudformation
