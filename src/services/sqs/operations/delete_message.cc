// SPDX-License-Identifier: Apache-2.0
// DeleteMessage: durable when answered. A message that is gone already is no error.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct DeleteMessageInput {
    std::optional<std::string> queue_url;
    std::optional<std::string> receipt_handle;

    static constexpr auto shape() {
        using I = DeleteMessageInput;
        return wire::structure("DeleteMessageRequest", queue_url_member<&I::queue_url>(),
                               wire::member<&I::receipt_handle>("ReceiptHandle").required());
    }
};

Task<Result<wire::Empty>> delete_message(Sqs& sqs, Caller caller, DeleteMessageInput input) {
    MILL_CO_TRY(const auto queue, co_await sqs.ready_queue(caller, *std::move(input.queue_url)));
    MILL_CO_TRY(const auto number, queue->message_of(*input.receipt_handle));
    if (number) MILL_CO_CHECK(co_await queue->erase({*number}));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_message_operation;
const wire::Operation delete_message_operation = wire::operation<&delete_message>("DeleteMessage");

}  // namespace mill::sqs
