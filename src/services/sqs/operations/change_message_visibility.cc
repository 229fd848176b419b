// SPDX-License-Identifier: Apache-2.0
// ChangeMessageVisibility: a message in flight stays so for that long from now; 0 gives it back.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct ChangeMessageVisibilityInput {
    std::optional<std::string> queue_url;
    std::optional<std::string> receipt_handle;
    std::optional<std::int64_t> visibility_timeout;

    static constexpr auto shape() {
        using I = ChangeMessageVisibilityInput;
        return wire::structure(
            "ChangeMessageVisibilityRequest", queue_url_member<&I::queue_url>(),
            wire::member<&I::receipt_handle>("ReceiptHandle").required(),
            wire::member<&I::visibility_timeout>("VisibilityTimeout").required());
    }
};

Task<Result<wire::Empty>> change_message_visibility(Sqs& sqs, Caller caller,
                                                    ChangeMessageVisibilityInput input) {
    MILL_CO_TRY(const auto queue, co_await sqs.ready_queue(caller, *std::move(input.queue_url)));
    MILL_CO_CHECK(queue->change_visibility(*input.receipt_handle, *input.visibility_timeout));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation change_message_visibility_operation;
const wire::Operation change_message_visibility_operation =
    wire::operation<&change_message_visibility>("ChangeMessageVisibility");

}  // namespace mill::sqs
