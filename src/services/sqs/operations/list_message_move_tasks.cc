// SPDX-License-Identifier: Apache-2.0
// ListMessageMoveTasks: the last tasks of a queue, the newest first.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct ListMessageMoveTasksInput {
    std::optional<std::string> source_arn;
    std::optional<std::int64_t> max_results;

    static constexpr auto shape() {
        using I = ListMessageMoveTasksInput;
        return wire::structure("ListMessageMoveTasksRequest",
                               wire::member<&I::source_arn>("SourceArn").required(),
                               wire::member<&I::max_results>("MaxResults"));
    }
};

struct ListMessageMoveTasksResultEntry {
    std::optional<std::string> task_handle;
    std::string status;
    std::string source_arn;
    std::optional<std::string> destination_arn;
    std::optional<std::int64_t> max_number_of_messages_per_second;
    std::int64_t approximate_number_of_messages_moved = 0;
    std::int64_t approximate_number_of_messages_to_move = 0;
    std::optional<std::string> failure_reason;
    std::int64_t started_timestamp = 0;

    static constexpr auto shape() {
        using E = ListMessageMoveTasksResultEntry;
        return wire::structure(
            "ListMessageMoveTasksResultEntry", wire::member<&E::task_handle>("TaskHandle"),
            wire::member<&E::status>("Status"), wire::member<&E::source_arn>("SourceArn"),
            wire::member<&E::destination_arn>("DestinationArn"),
            wire::member<&E::max_number_of_messages_per_second>("MaxNumberOfMessagesPerSecond"),
            wire::member<&E::approximate_number_of_messages_moved>(
                "ApproximateNumberOfMessagesMoved"),
            wire::member<&E::approximate_number_of_messages_to_move>(
                "ApproximateNumberOfMessagesToMove"),
            wire::member<&E::failure_reason>("FailureReason"),
            wire::member<&E::started_timestamp>("StartedTimestamp"));
    }
};

struct ListMessageMoveTasksOutput {
    std::vector<ListMessageMoveTasksResultEntry> results;

    static constexpr auto shape() {
        return wire::structure("ListMessageMoveTasksResult",
                               wire::member<&ListMessageMoveTasksOutput::results>("Results").flat(
                                   "ListMessageMoveTasksResultEntry"));
    }
};

ListMessageMoveTasksResultEntry entry_of(const MoveTaskRow& task) {
    ListMessageMoveTasksResultEntry entry;
    if (task.is_active()) entry.task_handle = task_handle(task);
    entry.status = task.status;
    entry.source_arn = task.source_arn;
    entry.destination_arn = task.destination_arn;
    entry.max_number_of_messages_per_second = task.per_second;
    entry.approximate_number_of_messages_moved = task.moved;
    entry.approximate_number_of_messages_to_move = task.to_move;
    entry.failure_reason = task.failure;
    entry.started_timestamp = task.started_ms;
    return entry;
}

Task<Result<ListMessageMoveTasksOutput>> list_message_move_tasks(Sqs& sqs, Caller,
                                                                 ListMessageMoveTasksInput input) {
    const std::int64_t limit = input.max_results.value_or(1);
    MILL_CO_CHECK(check_range("MaxResults", limit, 1, limits::sqs::list_move_tasks_max));
    if (!sqs.find_by_arn(*input.source_arn)) {
        co_return fail("ResourceNotFoundException",
                       "The resource that you specified for the SourceArn parameter doesn't exist.",
                       404);
    }
    ListMessageMoveTasksOutput output;
    for (const MoveTaskPointer& task : sqs.moves_of(*input.source_arn)) {
        if (std::cmp_equal(output.results.size(), limit)) break;
        output.results.push_back(entry_of(*task));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_message_move_tasks_operation;
const wire::Operation list_message_move_tasks_operation =
    wire::operation<&list_message_move_tasks>("ListMessageMoveTasks");

}  // namespace mill::sqs
