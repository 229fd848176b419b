// SPDX-License-Identifier: Apache-2.0
// ListStacks: newest first, deleted ones too, in pages.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
#include <algorithm>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

namespace {

struct ListStacksInput {
    std::optional<std::string> next_token;
    std::optional<std::vector<std::string>> stack_status_filter;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = ListStacksInput;
        return wire::structure(
            "ListStacksInput", wire::member<&In::next_token>("NextToken").length(1, 1024),
            wire::member<&In::stack_status_filter>("StackStatusFilter").one_of(stack_statuses));
    }
};

struct StackSummary {
    std::string stack_id;
    std::string stack_name;
    std::optional<std::string> template_description;
    WallTime creation_time;
    std::optional<WallTime> last_updated_time;
    std::optional<WallTime> deletion_time;
    std::string stack_status;
    std::optional<std::string> stack_status_reason;
    std::optional<std::string> parent_id;
    std::optional<std::string> root_id;
    DriftInformation drift_information;

    static constexpr auto shape() {
        using Out = StackSummary;
        return wire::structure("StackSummary", wire::member<&Out::stack_id>("StackId"),
                               wire::member<&Out::stack_name>("StackName"),
                               wire::member<&Out::template_description>("TemplateDescription"),
                               wire::member<&Out::creation_time>("CreationTime"),
                               wire::member<&Out::last_updated_time>("LastUpdatedTime"),
                               wire::member<&Out::deletion_time>("DeletionTime"),
                               wire::member<&Out::stack_status>("StackStatus"),
                               wire::member<&Out::stack_status_reason>("StackStatusReason"),
                               wire::member<&Out::parent_id>("ParentId"),
                               wire::member<&Out::root_id>("RootId"),
                               wire::member<&Out::drift_information>("DriftInformation"));
    }
};

struct ListStacksOutput {
    std::vector<StackSummary> summaries;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using Out = ListStacksOutput;
        return wire::structure("ListStacksOutput", wire::member<&Out::summaries>("StackSummaries"),
                               wire::member<&Out::next_token>("NextToken"));
    }
};

Task<Result<ListStacksOutput>> list_stacks(CloudFormation& service, Caller caller,
                                           ListStacksInput input) {
    MILL_CO_TRY(const std::int64_t first, page_position(input.next_token, 0));
    const std::vector<std::string> filter =
        input.stack_status_filter.value_or(std::vector<std::string>());
    ListStacksOutput output;
    std::int64_t position = 0;
    for (const Stack* stack : service.stacks().of(caller)) {
        const StackRow& row = *stack->durable;
        if (!filter.empty() && std::ranges::find(filter, row.status) == filter.end()) continue;
        if (position++ < first) continue;
        if (position > first + page_size) {
            output.next_token = page_token(first + page_size);
            break;
        }
        output.summaries.push_back({.stack_id = row.stack_id,
                                    .stack_name = row.name,
                                    .template_description = row.now.description,
                                    .creation_time = row.created,
                                    .last_updated_time = row.last_updated,
                                    .deletion_time = row.deleted,
                                    .stack_status = row.status,
                                    .stack_status_reason = row.status_reason,
                                    .parent_id = row.parent_id,
                                    .root_id = row.root_id});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_stacks_operation;
const wire::Operation list_stacks_operation = wire::operation<&list_stacks>("ListStacks");

}  // namespace mill::cloudformation
