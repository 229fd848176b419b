// SPDX-License-Identifier: Apache-2.0
// DeleteMessageBatch: one write for all; each entry has its own answer.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct DeleteMessageBatchRequestEntry {
    std::optional<std::string> id;
    std::optional<std::string> receipt_handle;

    static constexpr auto shape() {
        using E = DeleteMessageBatchRequestEntry;
        return wire::structure("DeleteMessageBatchRequestEntry",
                               wire::member<&E::id>("Id").required(),
                               wire::member<&E::receipt_handle>("ReceiptHandle").required());
    }
};

struct DeleteMessageBatchInput {
    std::optional<std::string> queue_url;
    std::optional<std::vector<DeleteMessageBatchRequestEntry>> entries;

    static constexpr auto shape() {
        using I = DeleteMessageBatchInput;
        return wire::structure(
            "DeleteMessageBatchRequest", queue_url_member<&I::queue_url>(),
            wire::member<&I::entries>("Entries").required().flat("DeleteMessageBatchRequestEntry"));
    }
};

struct DeleteMessageBatchOutput {
    std::optional<std::vector<BatchResultEntry>> successful;
    std::optional<std::vector<BatchResultErrorEntry>> failed;

    static constexpr auto shape() {
        using O = DeleteMessageBatchOutput;
        return wire::structure(
            "DeleteMessageBatchResult",
            wire::member<&O::successful>("Successful").flat("DeleteMessageBatchResultEntry"),
            failed_member<&O::failed>());
    }
};

Task<Result<DeleteMessageBatchOutput>> delete_message_batch(Sqs& sqs, Caller caller,
                                                            DeleteMessageBatchInput input) {
    MILL_CO_TRY(const auto queue, co_await sqs.ready_queue(caller, *std::move(input.queue_url)));
    MILL_CO_CHECK(check_batch(*input.entries));
    std::vector<BatchResultEntry> successful;
    std::vector<BatchResultErrorEntry> failed;
    std::vector<Number> numbers;
    for (auto& entry : *input.entries) {
        const auto number = queue->message_of(*entry.receipt_handle);
        if (!number) {
            failed.push_back(failed_entry(*std::move(entry.id), number.error()));
            continue;
        }
        if (*number && std::ranges::count(numbers, **number) == 0) numbers.push_back(**number);
        successful.push_back({*std::move(entry.id)});
    }
    MILL_CO_CHECK(co_await queue->erase(std::move(numbers)));
    DeleteMessageBatchOutput output;
    if (!successful.empty()) output.successful = std::move(successful);
    if (!failed.empty()) output.failed = std::move(failed);
    co_return output;
}

}  // namespace

extern const wire::Operation delete_message_batch_operation;
const wire::Operation delete_message_batch_operation =
    wire::operation<&delete_message_batch>("DeleteMessageBatch");

}  // namespace mill::sqs
