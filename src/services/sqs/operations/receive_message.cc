// SPDX-License-Identifier: Apache-2.0
// ReceiveMessage: up to ten messages, now or as soon as there is one.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct ReceiveMessageInput {
    std::optional<std::string> queue_url;
    std::optional<std::vector<std::string>> attribute_names;
    std::optional<std::vector<std::string>> message_system_attribute_names;
    std::optional<std::vector<std::string>> message_attribute_names;
    std::optional<std::int64_t> max_number_of_messages;
    std::optional<std::int64_t> visibility_timeout;
    std::optional<std::int64_t> wait_time_seconds;
    std::optional<std::string> receive_request_attempt_id;

    static constexpr auto shape() {
        using I = ReceiveMessageInput;
        return wire::structure(
            "ReceiveMessageRequest", queue_url_member<&I::queue_url>(),
            wire::member<&I::attribute_names>("AttributeNames").flat("AttributeName"),
            wire::member<&I::message_system_attribute_names>("MessageSystemAttributeNames")
                .flat("MessageSystemAttributeName"),
            wire::member<&I::message_attribute_names>("MessageAttributeNames")
                .flat("MessageAttributeName"),
            wire::member<&I::max_number_of_messages>("MaxNumberOfMessages"),
            wire::member<&I::visibility_timeout>("VisibilityTimeout"),
            wire::member<&I::wait_time_seconds>("WaitTimeSeconds"),
            wire::member<&I::receive_request_attempt_id>("ReceiveRequestAttemptId"));
    }
};

struct Message {
    std::string message_id;
    std::string receipt_handle;
    std::string md5_of_body;
    std::string body;
    std::optional<std::map<std::string, std::string>> attributes;
    std::optional<std::string> md5_of_message_attributes;
    std::optional<AttributeValues> message_attributes;

    static constexpr auto shape() {
        using M = Message;
        return wire::structure(
            "Message", wire::member<&M::message_id>("MessageId"),
            wire::member<&M::receipt_handle>("ReceiptHandle"),
            wire::member<&M::md5_of_body>("MD5OfBody"), wire::member<&M::body>("Body"),
            attributes_member<&M::attributes>(),
            wire::member<&M::md5_of_message_attributes>("MD5OfMessageAttributes"),
            message_attributes_member<&M::message_attributes>());
    }
};

struct ReceiveMessageOutput {
    std::optional<std::vector<Message>> messages;

    static constexpr auto shape() {
        return wire::structure(
            "ReceiveMessageResult",
            wire::member<&ReceiveMessageOutput::messages>("Messages").flat("Message"));
    }
};

constexpr std::string_view system_names[] = {"All",
                                             "SenderId",
                                             "SentTimestamp",
                                             "ApproximateReceiveCount",
                                             "ApproximateFirstReceiveTimestamp",
                                             "SequenceNumber",
                                             "MessageDeduplicationId",
                                             "MessageGroupId",
                                             "AWSTraceHeader",
                                             "DeadLetterQueueSourceArn"};

// The names of both members; the older one may also name what queues have, which messages do not.
Result<std::set<std::string>> wanted_names(const ReceiveMessageInput& input) {
    std::set<std::string> names;
    for (const auto* list : {&input.attribute_names, &input.message_system_attribute_names}) {
        for (const std::string& name : list->value_or(std::vector<std::string>())) {
            if (std::ranges::find(system_names, name) == std::ranges::end(system_names) &&
                !(list == &input.attribute_names && is_attribute(name))) {
                return fail("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name),
                            400);
            }
            names.insert(name);
        }
    }
    return names;
}

// "All" and ".*" are all, "prefix.*" all with that beginning.
bool is_wanted(const std::vector<std::string>& patterns, const std::string& name) {
    return std::ranges::any_of(patterns, [&](std::string_view pattern) {
        if (pattern == "All" || pattern == ".*" || pattern == name) return true;
        if (!pattern.ends_with(".*")) return false;
        return name.starts_with(pattern.substr(0, pattern.size() - 2));
    });
}

Message message_of(Received received, bool is_fifo, const std::set<std::string>& names,
                   const std::vector<std::string>& patterns) {
    Message message;
    auto system = system_attributes_of(received, is_fifo);
    if (!names.contains("All"))
        std::erase_if(system, [&](const auto& one) { return !names.contains(one.first); });
    if (!system.empty()) message.attributes = std::move(system);
    Content& content = received.content;
    std::erase_if(content.attributes,
                  [&](const auto& one) { return !is_wanted(patterns, one.first); });
    if (!content.attributes.empty()) {
        message.message_attributes = written_attributes(content.attributes);
        message.md5_of_message_attributes = optional_md5(content.attributes);
    }
    message.message_id = std::move(content.message_id);
    message.receipt_handle = std::move(received.handle);
    message.md5_of_body = md5_hex(content.body);
    message.body = std::move(content.body);
    return message;
}

Result<void> check_input(const ReceiveMessageInput& input, bool is_fifo) {
    MILL_CHECK(check_range("MaxNumberOfMessages", input.max_number_of_messages.value_or(1), 1,
                           limits::sqs::batch_entries_max));
    MILL_CHECK(check_range("VisibilityTimeout", input.visibility_timeout.value_or(0), 0,
                           limits::sqs::visibility_seconds_max));
    MILL_CHECK(check_range("WaitTimeSeconds", input.wait_time_seconds.value_or(0), 0,
                           limits::sqs::wait_seconds_max));
    if (!input.receive_request_attempt_id || is_fifo) return {};
    return invalid_parameter(
        fmt::format("Value {} for parameter ReceiveRequestAttemptId is invalid. Reason: The "
                    "request include parameter that is not valid for this queue type",
                    *input.receive_request_attempt_id));
}

Task<Result<ReceiveMessageOutput>> receive_message(Sqs& sqs, Caller caller,
                                                   ReceiveMessageInput input) {
    MILL_CO_TRY(const auto queue, sqs.find_queue(caller, *input.queue_url));
    MILL_CO_CHECK(check_input(input, queue->is_fifo()));
    MILL_CO_TRY(const auto names, wanted_names(input));
    const QueueSettings& settings = queue->settings();
    Sqs::Receive options;
    options.count = static_cast<std::size_t>(input.max_number_of_messages.value_or(1));
    options.visibility =
        std::chrono::seconds(input.visibility_timeout.value_or(settings.visibility_seconds));
    options.wait = std::chrono::seconds(input.wait_time_seconds.value_or(settings.wait_seconds));
    options.attempt_id = input.receive_request_attempt_id.value_or("");
    MILL_CO_TRY(auto received, co_await sqs.receive(queue, std::move(options)));
    if (received.empty()) co_return ReceiveMessageOutput{};
    ReceiveMessageOutput output;
    const auto patterns = input.message_attribute_names.value_or(std::vector<std::string>());
    for (Received& one : received) {
        if (!output.messages) output.messages.emplace();
        output.messages->push_back(message_of(std::move(one), queue->is_fifo(), names, patterns));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation receive_message_operation;
const wire::Operation receive_message_operation =
    wire::operation<&receive_message>("ReceiveMessage");

}  // namespace mill::sqs
