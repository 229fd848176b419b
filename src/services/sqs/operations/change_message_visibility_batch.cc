// SPDX-License-Identifier: Apache-2.0
// ChangeMessageVisibilityBatch: each entry has its own answer.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct ChangeMessageVisibilityBatchRequestEntry {
    std::optional<std::string> id;
    std::optional<std::string> receipt_handle;
    std::optional<std::int64_t> visibility_timeout;

    static constexpr auto shape() {
        using E = ChangeMessageVisibilityBatchRequestEntry;
        return wire::structure("ChangeMessageVisibilityBatchRequestEntry",
                               wire::member<&E::id>("Id").required(),
                               wire::member<&E::receipt_handle>("ReceiptHandle").required(),
                               wire::member<&E::visibility_timeout>("VisibilityTimeout"));
    }
};

struct ChangeMessageVisibilityBatchInput {
    std::optional<std::string> queue_url;
    std::optional<std::vector<ChangeMessageVisibilityBatchRequestEntry>> entries;

    static constexpr auto shape() {
        using I = ChangeMessageVisibilityBatchInput;
        return wire::structure("ChangeMessageVisibilityBatchRequest",
                               queue_url_member<&I::queue_url>(),
                               wire::member<&I::entries>("Entries").required().flat(
                                   "ChangeMessageVisibilityBatchRequestEntry"));
    }
};

struct ChangeMessageVisibilityBatchOutput {
    std::optional<std::vector<BatchResultEntry>> successful;
    std::optional<std::vector<BatchResultErrorEntry>> failed;

    static constexpr auto shape() {
        using O = ChangeMessageVisibilityBatchOutput;
        return wire::structure("ChangeMessageVisibilityBatchResult",
                               wire::member<&O::successful>("Successful")
                                   .flat("ChangeMessageVisibilityBatchResultEntry"),
                               failed_member<&O::failed>());
    }
};

Task<Result<ChangeMessageVisibilityBatchOutput>> change_message_visibility_batch(
    Sqs& sqs, Caller caller, ChangeMessageVisibilityBatchInput input) {
    MILL_CO_TRY(const auto queue, co_await sqs.ready_queue(caller, *std::move(input.queue_url)));
    MILL_CO_CHECK(check_batch(*input.entries));
    std::vector<BatchResultEntry> successful;
    std::vector<BatchResultErrorEntry> failed;
    for (auto& entry : *input.entries) {
        const auto changed =
            entry.visibility_timeout
                ? queue->change_visibility(*entry.receipt_handle, *entry.visibility_timeout)
                : Result<void>(missing_parameter("VisibilityTimeout"));
        if (changed) {
            successful.push_back({*std::move(entry.id)});
        } else {
            failed.push_back(failed_entry(*std::move(entry.id), changed.error()));
        }
    }
    ChangeMessageVisibilityBatchOutput output;
    if (!successful.empty()) output.successful = std::move(successful);
    if (!failed.empty()) output.failed = std::move(failed);
    co_return output;
}

}  // namespace

extern const wire::Operation change_message_visibility_batch_operation;
const wire::Operation change_message_visibility_batch_operation =
    wire::operation<&change_message_visibility_batch>("ChangeMessageVisibilityBatch");

}  // namespace mill::sqs
