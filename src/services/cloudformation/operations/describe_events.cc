// SPDX-License-Identifier: Apache-2.0
// DescribeEvents: a stack's events with what kind each is, newest first, in pages. A change set has
// none: what is wrong with its template is its StatusReason, or the error of CreateChangeSet.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html
#include <algorithm>

#include "services/cloudformation/change_set_shapes.h"

namespace mill::cloudformation {

namespace {

struct EventFilter {
    std::optional<bool> failed_events;
    static constexpr auto shape() {
        return wire::structure("EventFilter",
                               wire::member<&EventFilter::failed_events>("FailedEvents"));
    }
};

struct DescribeEventsInput {
    std::optional<std::string> stack_name, change_set_name, next_token;
    std::optional<EventFilter> filters;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = DescribeEventsInput;
        using wire::member;
        return wire::structure("DescribeEventsInput",
                               member<&In::stack_name>("StackName")
                                   .pattern(stack_name_or_id_pattern)
                                   .length(1, wire::unbounded_above),
                               member<&In::change_set_name>("ChangeSetName")
                                   .pattern(change_set_name_pattern)
                                   .length(1, 1600),
                               wire::refused("OperationId", "Ask for the events of a StackName."),
                               member<&In::filters>("Filters"),
                               member<&In::next_token>("NextToken").length(1, 1024));
    }
};

struct OperationEvent {
    std::string event_id, stack_id;
    std::optional<std::string> operation_type, operation_status;
    std::string type, logical_id, physical_id, resource_type;
    WallTime timestamp;
    std::string status;
    std::optional<std::string> reason, properties, token;

    static constexpr auto shape() {
        using E = OperationEvent;
        using wire::member;
        return wire::structure(
            "OperationEvent", member<&E::event_id>("EventId"), member<&E::stack_id>("StackId"),
            member<&E::operation_type>("OperationType"),
            member<&E::operation_status>("OperationStatus"), member<&E::type>("EventType"),
            member<&E::logical_id>("LogicalResourceId"),
            member<&E::physical_id>("PhysicalResourceId"),
            member<&E::resource_type>("ResourceType"), member<&E::timestamp>("Timestamp"),
            member<&E::status>("ResourceStatus"), member<&E::reason>("ResourceStatusReason"),
            member<&E::properties>("ResourceProperties"), member<&E::token>("ClientRequestToken"));
    }
};

struct DescribeEventsOutput {
    std::vector<OperationEvent> events;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using Out = DescribeEventsOutput;
        return wire::structure("DescribeEventsOutput",
                               wire::member<&Out::events>("OperationEvents"),
                               wire::member<&Out::next_token>("NextToken"));
    }
};

bool is_failure(std::string_view status) { return status.ends_with("_FAILED"); }

// Of an event of the stack itself.
void tell_operation(OperationEvent& event) {
    constexpr std::pair<std::string_view, std::string_view> types[] = {
        {"CREATE_", "CREATE_STACK"}, {"UPDATE_ROLLBACK_", "ROLLBACK"},
        {"UPDATE_", "UPDATE_STACK"}, {"DELETE_", "DELETE_STACK"},
        {"ROLLBACK_", "ROLLBACK"},   {"REVIEW_", "CREATE_CHANGESET"}};
    const auto type = std::ranges::find_if(
        types, [&](const auto& known) { return event.status.starts_with(known.first); });
    if (type != std::ranges::end(types)) event.operation_type = type->second;
    event.operation_status = event.status.ends_with("_IN_PROGRESS") ? "IN_PROGRESS"
                             : is_failure(event.status)             ? "FAILED"
                                                                    : "SUCCEEDED";
    event.type = "STACK_EVENT";
}

OperationEvent shown(StackEvent event) {
    const bool is_of_stack = event.physical_id == event.stack_id;
    OperationEvent out{.event_id = std::move(event.event_id),
                       .stack_id = std::move(event.stack_id),
                       .type = is_failure(event.status) ? "PROVISIONING_ERROR" : "PROGRESS_EVENT",
                       .logical_id = std::move(event.logical_id),
                       .physical_id = std::move(event.physical_id),
                       .resource_type = std::move(event.type),
                       .timestamp = event.timestamp,
                       .status = std::move(event.status),
                       .reason = std::move(event.reason),
                       .properties = std::move(event.properties),
                       .token = std::move(event.token)};
    if (is_of_stack) tell_operation(out);
    return out;
}

Task<Result<DescribeEventsOutput>> describe_events(CloudFormation& service, Caller caller,
                                                   DescribeEventsInput input) {
    if (input.change_set_name) {
        MILL_CO_CHECK(find_change_set(service, caller, *input.change_set_name, input.stack_name));
        co_return DescribeEventsOutput{};
    }
    if (!input.stack_name)
        co_return fail("ValidationError", "Either StackName or ChangeSetName must be specified.",
                       400);
    const std::shared_ptr<const StackRow> row = service.find(caller, *input.stack_name);
    if (!row)
        co_return fail("ValidationError", "Stack [" + *input.stack_name + "] does not exist", 400);
    MILL_CO_TRY(const std::int64_t before, page_position(input.next_token, row->events + 1));
    MILL_CO_TRY(Stacks::EventPage page,
                service.stacks().events(*row, std::min(before, row->events + 1), page_size));
    const bool failed_only = input.filters && input.filters->failed_events.value_or(false);
    DescribeEventsOutput output;
    for (StackEvent& event : page.events) {
        if (failed_only && !is_failure(event.status)) continue;
        output.events.push_back(shown(std::move(event)));
    }
    if (page.next > 0) output.next_token = page_token(page.next);
    co_return output;
}

}  // namespace

extern const wire::Operation describe_events_operation;
const wire::Operation describe_events_operation =
    wire::operation<&describe_events>("DescribeEvents");

}  // namespace mill::cloudformation
