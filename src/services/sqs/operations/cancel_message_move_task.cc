// SPDX-License-Identifier: Apache-2.0
// CancelMessageMoveTask: what was moved stays moved.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct CancelMessageMoveTaskInput {
    std::optional<std::string> task_handle;

    static constexpr auto shape() {
        return wire::structure(
            "CancelMessageMoveTaskRequest",
            wire::member<&CancelMessageMoveTaskInput::task_handle>("TaskHandle").required());
    }
};

struct CancelMessageMoveTaskOutput {
    std::int64_t moved = 0;

    static constexpr auto shape() {
        return wire::structure(
            "CancelMessageMoveTaskResult",
            wire::member<&CancelMessageMoveTaskOutput::moved>("ApproximateNumberOfMessagesMoved"));
    }
};

Task<Result<CancelMessageMoveTaskOutput>> cancel_message_move_task(
    Sqs& sqs, Caller, CancelMessageMoveTaskInput input) {
    const auto json = base64_decode(*input.task_handle);
    const auto handle = json ? wire::parse_json(*json) : Result<wire::Value>(fail("handle", ""));
    if (!handle) co_return invalid_parameter("Value for parameter TaskHandle is invalid.");
    for (const MoveTaskPointer& task : sqs.moves_of(wire::text_of(*handle, "sourceArn"))) {
        if (task->id != wire::text_of(*handle, "taskId")) continue;
        if (!task->is_active())
            co_return unsupported("The task is not running any more: it is " + task->status + ".");
        task->status = "CANCELLING";
        MILL_CO_CHECK(co_await sqs.store_move(task));
        co_return CancelMessageMoveTaskOutput{task->moved};
    }
    co_return fail("ResourceNotFoundException", "Task does not exist.", 404);
}

}  // namespace

extern const wire::Operation cancel_message_move_task_operation;
const wire::Operation cancel_message_move_task_operation =
    wire::operation<&cancel_message_move_task>("CancelMessageMoveTask");

}  // namespace mill::sqs
