// SPDX-License-Identifier: Apache-2.0
// StartMessageMoveTask: dead letters go back, or elsewhere. Goes on after a restart.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct StartMessageMoveTaskInput {
    std::optional<std::string> source_arn;
    std::optional<std::string> destination_arn;
    std::optional<std::int64_t> max_number_of_messages_per_second;

    static constexpr auto shape() {
        using I = StartMessageMoveTaskInput;
        return wire::structure(
            "StartMessageMoveTaskRequest", wire::member<&I::source_arn>("SourceArn").required(),
            wire::member<&I::destination_arn>("DestinationArn"),
            wire::member<&I::max_number_of_messages_per_second>("MaxNumberOfMessagesPerSecond"));
    }
};

struct StartMessageMoveTaskOutput {
    std::string task_handle;

    static constexpr auto shape() {
        return wire::structure(
            "StartMessageMoveTaskResult",
            wire::member<&StartMessageMoveTaskOutput::task_handle>("TaskHandle"));
    }
};

Failure no_such(std::string_view parameter) {
    return fail("ResourceNotFoundException",
                fmt::format("The resource that you specified for the {} parameter doesn't exist.",
                            parameter),
                404);
}

Task<Result<StartMessageMoveTaskOutput>> start_message_move_task(Sqs& sqs, Caller,
                                                                 StartMessageMoveTaskInput input) {
    MILL_CO_CHECK(check_range("MaxNumberOfMessagesPerSecond",
                              input.max_number_of_messages_per_second.value_or(1), 1,
                              limits::sqs::moves_per_second_max));
    const auto source = sqs.find_by_arn(*input.source_arn);
    if (!source) co_return no_such("SourceArn");
    if (sqs.sources_of(**source, "").empty())
        co_return invalid_parameter("Source queue must be configured as a Dead Letter Queue.");
    if (input.destination_arn) {
        const auto destination = sqs.find_by_arn(*input.destination_arn);
        if (!destination) co_return no_such("DestinationArn");
        if ((*destination)->is_fifo() != (*source)->is_fifo())
            co_return invalid_parameter("Source and destination must be queues of the same type.");
        if (*destination == *source)
            co_return invalid_parameter(
                "Source queue arn and destination queue arn cannot be same");
    }
    MILL_CO_TRY(const auto task, co_await sqs.start_move(*std::move(input.source_arn),
                                                         std::move(input.destination_arn),
                                                         input.max_number_of_messages_per_second));
    co_return StartMessageMoveTaskOutput{task_handle(*task)};
}

}  // namespace

extern const wire::Operation start_message_move_task_operation;
const wire::Operation start_message_move_task_operation =
    wire::operation<&start_message_move_task>("StartMessageMoveTask");

}  // namespace mill::sqs
