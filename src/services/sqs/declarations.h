// SPDX-License-Identifier: Apache-2.0
// What the operations of SQS share: members, message attributes, the rules of batches.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/sqs/errors.h"
#include "services/sqs/sqs.h"

namespace mill::sqs {

template <auto Pointer>
constexpr wire::Member queue_url_member() {
    return wire::member<Pointer>("QueueUrl").required();
}
template <auto Pointer>
constexpr wire::Member attributes_member() {
    return wire::member<Pointer>("Attributes").flat("Attribute", "Name", "Value");
}
template <auto Pointer>
constexpr wire::Member tags_member(std::string_view name) {
    return wire::member<Pointer>(name).flat("Tag", "Key", "Value");
}
template <auto Pointer>
constexpr wire::Member message_attributes_member() {
    return wire::member<Pointer>("MessageAttributes").flat("MessageAttribute", "Name", "Value");
}

using Tags = std::map<std::string, std::string>;
Result<void> check_tags(const Tags& tags);

// As FIFO queues tell a message's place: 20 digits.
std::string sequence_number(Number number);
std::string task_handle(const MoveTaskRow& task);
std::optional<std::string> optional_md5(const MessageAttributes& attributes);
// SentTimestamp and the like.
std::map<std::string, std::string> system_attributes_of(const Received& received, bool is_fifo);

struct MessageAttributeValue {
    std::optional<std::string> string_value;
    std::optional<wire::Blob> binary_value;
    std::optional<std::string> data_type;

    static constexpr auto shape() {
        using V = MessageAttributeValue;
        constexpr auto instead = "AWS keeps lists for later as well; send text.";
        return wire::structure(
            "MessageAttributeValue", wire::member<&V::string_value>("StringValue"),
            wire::member<&V::binary_value>("BinaryValue"),
            wire::refused("StringListValues", instead), wire::refused("BinaryListValues", instead),
            wire::member<&V::data_type>("DataType").required());
    }
};
using AttributeValues = std::map<std::string, MessageAttributeValue>;

// InvalidParameterValue in AWS's words.
Result<MessageAttributes> read_attributes(std::optional<AttributeValues> values);
// AWSTraceHeader and no other.
Result<MessageAttributes> read_system_attributes(std::optional<AttributeValues> values);
AttributeValues written_attributes(const MessageAttributes& attributes);

// The parts of a message as SendMessage and SendMessageBatch take them.
struct NewMessage {
    std::optional<std::string> body;
    std::optional<std::int64_t> delay_seconds;
    std::optional<AttributeValues> attributes;
    std::optional<AttributeValues> system_attributes;
    std::optional<std::string> deduplication_id;
    std::optional<std::string> group_id;
};
// Of its size and its characters.
Result<void> check_content(const Queue& queue, const Content& content);
// Checked against the rules of the queue.
Result<Draft> make_draft(const Queue& queue, const Caller& caller, NewMessage message);

struct BatchResultErrorEntry {
    std::string id;
    bool sender_fault = true;
    std::string code;
    std::string message;

    static constexpr auto shape() {
        using E = BatchResultErrorEntry;
        return wire::structure("BatchResultErrorEntry", wire::member<&E::id>("Id"),
                               wire::member<&E::sender_fault>("SenderFault"),
                               wire::member<&E::code>("Code"),
                               wire::member<&E::message>("Message"));
    }
};
template <auto Pointer>
constexpr wire::Member failed_member() {
    return wire::member<Pointer>("Failed").flat("BatchResultErrorEntry");
}
BatchResultErrorEntry failed_entry(std::string id, const Error& error);
// One that says its id only.
struct BatchResultEntry {
    std::string id;
    static constexpr auto shape() {
        return wire::structure("BatchResultEntry", wire::member<&BatchResultEntry::id>("Id"));
    }
};

// EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct
Result<void> check_batch_ids(const std::vector<std::string_view>& ids);
template <class Entry>
Result<void> check_batch(const std::vector<Entry>& entries) {
    std::vector<std::string_view> ids;
    for (const Entry& entry : entries) ids.push_back(*entry.id);
    return check_batch_ids(ids);
}

// InvalidParameterValue: "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: ..."
Result<void> check_range(std::string_view name, std::int64_t value, std::int64_t min,
                         std::int64_t max);

// Tokens are the last name of their page, in base64.
Result<std::string> after_token(const std::optional<std::string>& token);

}  // namespace mill::sqs
