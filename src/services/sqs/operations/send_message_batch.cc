// SPDX-License-Identifier: Apache-2.0
// SendMessageBatch: what is well formed is stored together; each entry has its own answer.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct SendMessageBatchRequestEntry {
    std::optional<std::string> id;
    std::optional<std::string> message_body;
    std::optional<std::int64_t> delay_seconds;
    std::optional<AttributeValues> message_attributes;
    std::optional<AttributeValues> message_system_attributes;
    std::optional<std::string> message_deduplication_id;
    std::optional<std::string> message_group_id;

    static constexpr auto shape() {
        using E = SendMessageBatchRequestEntry;
        return wire::structure(
            "SendMessageBatchRequestEntry", wire::member<&E::id>("Id").required(),
            wire::member<&E::message_body>("MessageBody").required(),
            wire::member<&E::delay_seconds>("DelaySeconds"),
            message_attributes_member<&E::message_attributes>(),
            wire::member<&E::message_system_attributes>("MessageSystemAttributes")
                .flat("MessageSystemAttribute", "Name", "Value"),
            wire::member<&E::message_deduplication_id>("MessageDeduplicationId"),
            wire::member<&E::message_group_id>("MessageGroupId"));
    }
};

struct SendMessageBatchInput {
    std::optional<std::string> queue_url;
    std::optional<std::vector<SendMessageBatchRequestEntry>> entries;

    static constexpr auto shape() {
        using I = SendMessageBatchInput;
        return wire::structure(
            "SendMessageBatchRequest", queue_url_member<&I::queue_url>(),
            wire::member<&I::entries>("Entries").required().flat("SendMessageBatchRequestEntry"));
    }
};

struct SendMessageBatchResultEntry {
    std::string id;
    std::string message_id;
    std::string md5_of_message_body;
    std::optional<std::string> md5_of_message_attributes;
    std::optional<std::string> md5_of_message_system_attributes;
    std::optional<std::string> sequence_number;

    static constexpr auto shape() {
        using E = SendMessageBatchResultEntry;
        return wire::structure(
            "SendMessageBatchResultEntry", wire::member<&E::id>("Id"),
            wire::member<&E::message_id>("MessageId"),
            wire::member<&E::md5_of_message_body>("MD5OfMessageBody"),
            wire::member<&E::md5_of_message_attributes>("MD5OfMessageAttributes"),
            wire::member<&E::md5_of_message_system_attributes>("MD5OfMessageSystemAttributes"),
            wire::member<&E::sequence_number>("SequenceNumber"));
    }
};

struct SendMessageBatchOutput {
    std::optional<std::vector<SendMessageBatchResultEntry>> successful;
    std::optional<std::vector<BatchResultErrorEntry>> failed;

    static constexpr auto shape() {
        using O = SendMessageBatchOutput;
        return wire::structure(
            "SendMessageBatchResult",
            wire::member<&O::successful>("Successful").flat("SendMessageBatchResultEntry"),
            failed_member<&O::failed>());
    }
};

std::size_t bytes_of(const std::optional<AttributeValues>& attributes) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : attributes.value_or(AttributeValues())) {
        bytes += name.size() + value.data_type.value_or("").size() +
                 value.string_value.value_or("").size() +
                 value.binary_value.value_or(wire::Blob()).bytes.size();
    }
    return bytes;
}

Result<void> check_total(const std::vector<SendMessageBatchRequestEntry>& entries) {
    std::size_t bytes = 0;
    for (const auto& entry : entries)
        bytes += entry.message_body->size() + bytes_of(entry.message_attributes);
    if (std::cmp_less_equal(bytes, limits::sqs::message_bytes_max)) return {};
    return fail(
        "BatchRequestTooLong",
        fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                    limits::sqs::message_bytes_max, bytes),
        400);
}

SendMessageBatchResultEntry result_of(std::string id, const Content& content) {
    return {.id = std::move(id),
            .md5_of_message_body = md5_hex(content.body),
            .md5_of_message_attributes = optional_md5(content.attributes),
            .md5_of_message_system_attributes = optional_md5(content.system_attributes)};
}

Task<Result<SendMessageBatchOutput>> send_message_batch(Sqs& sqs, Caller caller,
                                                        SendMessageBatchInput input) {
    MILL_CO_TRY(const auto queue, co_await sqs.ready_queue(caller, *std::move(input.queue_url)));
    MILL_CO_CHECK(check_batch(*input.entries));
    MILL_CO_CHECK(check_total(*input.entries));
    std::vector<Draft> drafts;
    std::vector<SendMessageBatchResultEntry> successful;
    std::vector<BatchResultErrorEntry> failed;
    for (auto& entry : *input.entries) {
        auto draft = make_draft(
            *queue, caller,
            {std::move(entry.message_body), entry.delay_seconds,
             std::move(entry.message_attributes), std::move(entry.message_system_attributes),
             std::move(entry.message_deduplication_id), std::move(entry.message_group_id)});
        if (!draft) {
            failed.push_back(failed_entry(*std::move(entry.id), draft.error()));
            continue;
        }
        successful.push_back(result_of(*std::move(entry.id), draft->content));
        drafts.push_back(*std::move(draft));
    }
    if (!drafts.empty()) {
        MILL_CO_TRY(auto sent, co_await queue->send(std::move(drafts)));
        for (std::size_t i = 0; i < sent.size(); ++i) {
            successful[i].message_id = std::move(sent[i].message_id);
            if (queue->is_fifo()) successful[i].sequence_number = sequence_number(sent[i].number);
        }
    }
    SendMessageBatchOutput output;
    if (!successful.empty()) output.successful = std::move(successful);
    if (!failed.empty()) output.failed = std::move(failed);
    co_return output;
}

}  // namespace

extern const wire::Operation send_message_batch_operation;
const wire::Operation send_message_batch_operation =
    wire::operation<&send_message_batch>("SendMessageBatch");

}  // namespace mill::sqs
