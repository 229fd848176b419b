// SPDX-License-Identifier: Apache-2.0
// SendMessage: durable when answered.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct SendMessageInput {
    std::optional<std::string> queue_url;
    std::optional<std::string> message_body;
    std::optional<std::int64_t> delay_seconds;
    std::optional<AttributeValues> message_attributes;
    std::optional<AttributeValues> message_system_attributes;
    std::optional<std::string> message_deduplication_id;
    std::optional<std::string> message_group_id;

    static constexpr auto shape() {
        using I = SendMessageInput;
        return wire::structure(
            "SendMessageRequest", queue_url_member<&I::queue_url>(),
            wire::member<&I::message_body>("MessageBody").required(),
            wire::member<&I::delay_seconds>("DelaySeconds"),
            message_attributes_member<&I::message_attributes>(),
            wire::member<&I::message_system_attributes>("MessageSystemAttributes")
                .flat("MessageSystemAttribute", "Name", "Value"),
            wire::member<&I::message_deduplication_id>("MessageDeduplicationId"),
            wire::member<&I::message_group_id>("MessageGroupId"));
    }
};

struct SendMessageOutput {
    std::string md5_of_message_body;
    std::optional<std::string> md5_of_message_attributes;
    std::optional<std::string> md5_of_message_system_attributes;
    std::string message_id;
    std::optional<std::string> sequence_number;

    static constexpr auto shape() {
        using O = SendMessageOutput;
        return wire::structure(
            "SendMessageResult", wire::member<&O::md5_of_message_body>("MD5OfMessageBody"),
            wire::member<&O::md5_of_message_attributes>("MD5OfMessageAttributes"),
            wire::member<&O::md5_of_message_system_attributes>("MD5OfMessageSystemAttributes"),
            wire::member<&O::message_id>("MessageId"),
            wire::member<&O::sequence_number>("SequenceNumber"));
    }
};

Task<Result<SendMessageOutput>> send_message(Sqs& sqs, Caller caller, SendMessageInput input) {
    MILL_CO_TRY(const auto queue, co_await sqs.ready_queue(caller, *std::move(input.queue_url)));
    MILL_CO_TRY(
        auto draft,
        make_draft(*queue, caller,
                   {std::move(input.message_body), input.delay_seconds,
                    std::move(input.message_attributes), std::move(input.message_system_attributes),
                    std::move(input.message_deduplication_id), std::move(input.message_group_id)}));
    SendMessageOutput output;
    output.md5_of_message_body = md5_hex(draft.content.body);
    output.md5_of_message_attributes = optional_md5(draft.content.attributes);
    output.md5_of_message_system_attributes = optional_md5(draft.content.system_attributes);
    std::vector<Draft> drafts;
    drafts.push_back(std::move(draft));
    MILL_CO_TRY(auto sent, co_await queue->send(std::move(drafts)));
    output.message_id = std::move(sent.front().message_id);
    if (queue->is_fifo()) output.sequence_number = sequence_number(sent.front().number);
    co_return output;
}

}  // namespace

extern const wire::Operation send_message_operation;
const wire::Operation send_message_operation = wire::operation<&send_message>("SendMessage");

}  // namespace mill::sqs
