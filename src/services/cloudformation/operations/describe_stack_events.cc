// SPDX-License-Identifier: Apache-2.0
// DescribeStackEvents: newest first, in pages.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
#include <fmt/format.h>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

namespace {

struct DescribeStackEventsInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> next_token;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = DescribeStackEventsInput;
        return wire::structure(
            "DescribeStackEventsInput",
            wire::member<&In::stack_name>("StackName").required().length(1, 2048),
            wire::member<&In::next_token>("NextToken").length(1, 1024));
    }
};

struct DescribeStackEventsOutput {
    std::vector<StackEvent> stack_events;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using Out = DescribeStackEventsOutput;
        return wire::structure("DescribeStackEventsOutput",
                               wire::member<&Out::stack_events>("StackEvents"),
                               wire::member<&Out::next_token>("NextToken"));
    }
};

Task<Result<DescribeStackEventsOutput>> describe_stack_events(CloudFormation& service,
                                                              Caller caller,
                                                              DescribeStackEventsInput input) {
    const std::shared_ptr<const StackRow> row = service.find(caller, *input.stack_name);
    if (!row)
        co_return fail("ValidationError",
                       fmt::format("Stack [{}] does not exist", *input.stack_name), 400);
    MILL_CO_TRY(const std::int64_t before, page_position(input.next_token, row->events + 1));
    MILL_CO_TRY(Stacks::EventPage page,
                service.stacks().events(*row, std::min(before, row->events + 1), page_size));
    DescribeStackEventsOutput output{.stack_events = std::move(page.events)};
    if (page.next > 0) output.next_token = page_token(page.next);
    co_return output;
}

}  // namespace

extern const wire::Operation describe_stack_events_operation;
const wire::Operation describe_stack_events_operation =
    wire::operation<&describe_stack_events>("DescribeStackEvents");

}  // namespace mill::cloudformation
