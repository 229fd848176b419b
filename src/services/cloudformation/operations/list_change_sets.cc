// SPDX-License-Identifier: Apache-2.0
// ListChangeSets: those of a stack that can still be executed, or were refused.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html
#include "services/cloudformation/change_set_shapes.h"

namespace mill::cloudformation {
namespace {

struct ListChangeSetsInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> next_token;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = ListChangeSetsInput;
        return wire::structure("ListChangeSetsInput",
                               wire::member<&In::stack_name>("StackName")
                                   .required()
                                   .pattern(stack_name_or_id_pattern)
                                   .length(1, 2048),
                               wire::member<&In::next_token>("NextToken").length(1, 1024));
    }
};

struct ChangeSetSummary {
    std::string stack_id;
    std::string stack_name;
    std::string change_set_id;
    std::string change_set_name;
    std::string execution_status;
    std::string status;
    std::optional<std::string> status_reason;
    WallTime creation_time;
    std::optional<std::string> description;
    bool include_nested_stacks = false;
    std::optional<std::string> parent_change_set_id;
    std::optional<std::string> root_change_set_id;
    bool import_existing_resources = false;

    static constexpr auto shape() {
        using Out = ChangeSetSummary;
        return wire::structure(
            "ChangeSetSummary", wire::member<&Out::stack_id>("StackId"),
            wire::member<&Out::stack_name>("StackName"),
            wire::member<&Out::change_set_id>("ChangeSetId"),
            wire::member<&Out::change_set_name>("ChangeSetName"),
            wire::member<&Out::execution_status>("ExecutionStatus"),
            wire::member<&Out::status>("Status"), wire::member<&Out::status_reason>("StatusReason"),
            wire::member<&Out::creation_time>("CreationTime"),
            wire::member<&Out::description>("Description"),
            wire::member<&Out::include_nested_stacks>("IncludeNestedStacks"),
            wire::member<&Out::parent_change_set_id>("ParentChangeSetId"),
            wire::member<&Out::root_change_set_id>("RootChangeSetId"),
            wire::member<&Out::import_existing_resources>("ImportExistingResources"));
    }
};

struct ListChangeSetsOutput {
    std::vector<ChangeSetSummary> summaries;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using Out = ListChangeSetsOutput;
        return wire::structure("ListChangeSetsOutput", wire::member<&Out::summaries>("Summaries"),
                               wire::member<&Out::next_token>("NextToken"));
    }
};

Task<Result<ListChangeSetsOutput>> list_change_sets(CloudFormation& service, Caller caller,
                                                    ListChangeSetsInput input) {
    MILL_CO_TRY(const Stack* stack, find_stack(service, caller, *input.stack_name));
    MILL_CO_TRY(const std::int64_t first, page_position(input.next_token, 0));
    const std::vector<ChangeSetPointer> rows = service.change_sets().of(stack->row.stack_id);
    const auto count = static_cast<std::int64_t>(rows.size());
    const std::int64_t end = std::min(first + page_size, count);
    ListChangeSetsOutput output;
    for (std::int64_t i = first; i < end; ++i) {
        const ChangeSetRow& row = *rows[static_cast<std::size_t>(i)];
        output.summaries.push_back(
            {.stack_id = row.stack_id,
             .stack_name = row.stack_name,
             .change_set_id = row.id,
             .change_set_name = row.name,
             .execution_status = std::string(execution_status(row, *stack->durable)),
             .status = row.status,
             .status_reason = row.status_reason,
             .creation_time = row.created,
             .description = row.description,
             .include_nested_stacks = row.include_nested_stacks,
             .parent_change_set_id = row.parent_change_set_id,
             .root_change_set_id = row.root_change_set_id});
    }
    if (end < count) output.next_token = page_token(end);
    co_return output;
}

}  // namespace

extern const wire::Operation list_change_sets_operation;
const wire::Operation list_change_sets_operation =
    wire::operation<&list_change_sets>("ListChangeSets");

}  // namespace mill::cloudformation
