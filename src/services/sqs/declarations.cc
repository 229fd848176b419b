// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

constexpr std::string_view trace_header = "AWSTraceHeader";

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What XML can say. https://www.w3.org/TR/REC-xml/#charsets
bool has_good_characters(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
        const std::string_view three = text.substr(i, 3);
        if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF") return false;
    }
    return true;
}

Failure invalid_contents() {
    return fail("InvalidMessageContents",
                "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
                "#xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
                400);
}

Result<void> check_attribute_name(const std::string& name) {
    const bool good = !name.empty() && name.size() <= limits::sqs::attribute_name_length_max &&
                      name.front() != '.' && name.back() != '.' && !name.contains("..") &&
                      !name.starts_with("AWS.") && !name.starts_with("Amazon.") &&
                      std::ranges::all_of(name, [](char c) {
                          return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.';
                      });
    if (good) return {};
    return invalid_parameter(fmt::format(
        "Message (user) attribute name '{}' is invalid: it has up to {} of A-Z a-z 0-9 _ - . and "
        "does not begin or end with a period, nor begin with AWS. or Amazon.",
        name, limits::sqs::attribute_name_length_max));
}

bool is_number(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const std::size_t digits = text.find_first_not_of("0123456789.eE+-");
    return !text.empty() && digits == std::string_view::npos &&
           (is_letter_or_digit(text.front()) || text.front() == '.');
}

Result<MessageAttribute> read_attribute(const std::string& name, MessageAttributeValue value) {
    const std::string& type = *value.data_type;
    const std::string_view kind = std::string_view(type).substr(0, type.find('.'));
    if (kind != "String" && kind != "Number" && kind != "Binary") {
        return invalid_parameter(
            fmt::format("The message attribute '{}' has an invalid message attribute type, the set "
                        "of supported type prefixes is Binary, Number, and String.",
                        name));
    }
    MessageAttribute attribute{.data_type = type, .is_binary = kind == "Binary"};
    if (attribute.is_binary ? value.string_value.has_value() : value.binary_value.has_value()) {
        return invalid_parameter(
            fmt::format("The message attribute '{}' with type '{}' must use field '{}'.", name,
                        kind, attribute.is_binary ? "Binary" : "String"));
    }
    attribute.value = attribute.is_binary ? value.binary_value.value_or(wire::Blob{}).bytes
                                          : std::move(value.string_value).value_or("");
    if (attribute.value.empty()) {
        return invalid_parameter(fmt::format(
            "The message attribute '{}' must contain a non-empty message attribute value.", name));
    }
    if (kind == "Number" && !is_number(attribute.value)) {
        return invalid_parameter(fmt::format(
            "Can't cast the value of message (user) attribute '{}' to a number.", name));
    }
    if (!attribute.is_binary && !has_good_characters(attribute.value)) return invalid_contents();
    return attribute;
}

Result<void> check_fifo_id(std::string_view name, const std::optional<std::string>& id) {
    if (!id) return {};
    const bool good = !id->empty() && id->size() <= limits::sqs::group_id_length_max &&
                      std::ranges::all_of(*id, [](char c) { return c > ' ' && c < 0x7f; });
    if (good) return {};
    return invalid_parameter(
        fmt::format("Value {} for parameter {} is invalid. Reason: {} can only include "
                    "alphanumeric and punctuation characters. 1 to {} in length.",
                    *id, name, name, limits::sqs::group_id_length_max));
}

Failure not_of_this_kind(std::string_view name, std::string_view value) {
    return invalid_parameter(
        fmt::format("Value {} for parameter {} is invalid. Reason: The request include parameter "
                    "that is not valid for this queue type",
                    value, name));
}

// Group and deduplication id, as a FIFO queue wants them.
Result<void> fill_fifo_ids(const Queue& queue, Content& content, NewMessage& message) {
    if (!message.group_id) return missing_parameter("MessageGroupId");
    if (message.delay_seconds.value_or(0) != 0)
        return not_of_this_kind("DelaySeconds", std::to_string(*message.delay_seconds));
    message.delay_seconds.reset();
    if (!message.deduplication_id) {
        if (!queue.settings().content_based_deduplication) {
            return invalid_parameter(
                "The queue should either have ContentBasedDeduplication enabled or "
                "MessageDeduplicationId provided explicitly");
        }
        message.deduplication_id = hex(sha256(content.body));
    }
    content.deduplication_id = *std::move(message.deduplication_id);
    return {};
}

}  // namespace

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
Result<void> check_tags(const Tags& tags) {
    constexpr std::size_t key_bytes_max = 128, value_bytes_max = 256;
    if (tags.size() > limits::sqs::tags_max) {
        return invalid_parameter(
            fmt::format("Too many tags added for queue: at most {}.", limits::sqs::tags_max));
    }
    for (const auto& [key, value] : tags) {
        if (key.empty() || key.size() > key_bytes_max || value.size() > value_bytes_max)
            return invalid_parameter(fmt::format(
                "Tag keys must be between 1 and {} characters in length, values up to {}.",
                key_bytes_max, value_bytes_max));
    }
    return {};
}

std::string sequence_number(Number number) {
    constexpr Number first = 10'000'000'000'000'000'000U;
    return std::to_string(first + number);
}

std::map<std::string, std::string> system_attributes_of(const Received& received, bool is_fifo) {
    const Content& content = received.content;
    std::map<std::string, std::string> all = {
        {"SenderId", content.sender_id},
        {"SentTimestamp", std::to_string(epoch_ms(received.sent))},
        {"ApproximateReceiveCount", std::to_string(received.receives)},
        {"ApproximateFirstReceiveTimestamp", std::to_string(epoch_ms(received.first_received))}};
    if (is_fifo) {
        all["SequenceNumber"] = sequence_number(received.number);
        all["MessageDeduplicationId"] = content.deduplication_id;
    }
    if (!content.group_id.empty()) all["MessageGroupId"] = content.group_id;
    if (!content.source_arn.empty()) all["DeadLetterQueueSourceArn"] = content.source_arn;
    for (const auto& [name, attribute] : content.system_attributes) all[name] = attribute.value;
    return all;
}

std::string task_handle(const MoveTaskRow& task) {
    wire::Value handle = wire::Value::map();
    handle["taskId"] = task.id;
    handle["sourceArn"] = task.source_arn;
    return base64_encode(wire::write_json(handle));
}

std::optional<std::string> optional_md5(const MessageAttributes& attributes) {
    if (attributes.empty()) return std::nullopt;
    return md5_of(attributes);
}

Result<MessageAttributes> read_attributes(std::optional<AttributeValues> values) {
    MessageAttributes attributes;
    if (!values) return attributes;
    if (values->size() > limits::sqs::attributes_max) {
        return invalid_parameter(
            fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                        values->size(), limits::sqs::attributes_max));
    }
    for (auto& [name, value] : *values) {
        MILL_CHECK(check_attribute_name(name));
        MILL_TRY(attributes[name], read_attribute(name, std::move(value)));
    }
    return attributes;
}

Result<MessageAttributes> read_system_attributes(std::optional<AttributeValues> values) {
    MessageAttributes attributes;
    if (!values) return attributes;
    for (auto& [name, value] : *values) {
        if (name != trace_header) {
            return invalid_parameter(
                fmt::format("Message system attribute name '{}' is invalid. Only {} may be sent.",
                            name, trace_header));
        }
        MILL_TRY(attributes[name], read_attribute(name, std::move(value)));
        if (attributes[name].data_type != "String") {
            return invalid_parameter(
                fmt::format("The message system attribute '{}' must be of type String.", name));
        }
    }
    return attributes;
}

AttributeValues written_attributes(const MessageAttributes& attributes) {
    AttributeValues values;
    for (const auto& [name, attribute] : attributes) {
        MessageAttributeValue& value = values[name];
        value.data_type = attribute.data_type;
        if (attribute.is_binary) {
            value.binary_value = wire::Blob{attribute.value};
        } else {
            value.string_value = attribute.value;
        }
    }
    return values;
}

Result<void> check_content(const Queue& queue, const Content& content) {
    const std::int64_t bytes_max = queue.settings().message_bytes_max;
    if (size_of(content) > static_cast<std::size_t>(bytes_max)) {
        return invalid_parameter(
            fmt::format("One or more parameters are invalid. Reason: Message must be shorter than "
                        "{} bytes.",
                        bytes_max));
    }
    if (!has_good_characters(content.body)) return invalid_contents();
    return {};
}

Result<Draft> make_draft(const Queue& queue, const Caller& caller, NewMessage message) {
    Draft draft;
    Content& content = draft.content;
    content.body = std::move(message.body).value_or("");
    if (content.body.empty()) return missing_parameter("MessageBody");
    MILL_TRY(content.attributes, read_attributes(std::move(message.attributes)));
    MILL_TRY(content.system_attributes,
             read_system_attributes(std::move(message.system_attributes)));
    MILL_CHECK(check_content(queue, content));
    if (message.delay_seconds) {
        MILL_CHECK(
            check_range("DelaySeconds", *message.delay_seconds, 0, limits::sqs::delay_seconds_max));
    }
    MILL_CHECK(check_fifo_id("MessageDeduplicationId", message.deduplication_id));
    MILL_CHECK(check_fifo_id("MessageGroupId", message.group_id));
    if (queue.is_fifo()) {
        MILL_CHECK(fill_fifo_ids(queue, content, message));
    } else if (message.deduplication_id) {
        return not_of_this_kind("MessageDeduplicationId", *message.deduplication_id);
    }
    content.group_id = std::move(message.group_id).value_or("");
    content.sender_id = caller.account;
    draft.delay_seconds = message.delay_seconds;
    return draft;
}

BatchResultErrorEntry failed_entry(std::string id, const Error& error) {
    const bool is_ours = error.status == 0 || error.status >= 500;
    return {.id = std::move(id),
            .sender_fault = !is_ours,
            .code = is_ours ? "InternalError" : std::string(query_code(error.code)),
            .message = error.status == 0 && error.code != "storage.corrupt"
                           ? "The request processing has failed because of an unknown error."
                           : error.message};
}

Result<void> check_batch_ids(const std::vector<std::string_view>& ids) {
    if (ids.empty()) {
        return fail("EmptyBatchRequest", "There should be at least one entry in the request.", 400);
    }
    if (ids.size() > static_cast<std::size_t>(limits::sqs::batch_entries_max)) {
        return fail("TooManyEntriesInBatchRequest",
                    fmt::format("Maximum number of entries per request are {}. You have sent {}.",
                                limits::sqs::batch_entries_max, ids.size()),
                    400);
    }
    std::set<std::string_view> seen;
    for (const std::string_view id : ids) {
        const bool good = !id.empty() && id.size() <= limits::sqs::batch_id_length_max &&
                          std::ranges::all_of(id, [](char c) {
                              return is_letter_or_digit(c) || c == '-' || c == '_';
                          });
        if (!good) {
            return fail("InvalidBatchEntryId",
                        "A batch entry id can only contain alphanumeric characters, hyphens and "
                        "underscores. It can be at most 80 letters long.",
                        400);
        }
        if (!seen.insert(id).second)
            return fail("BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", id), 400);
    }
    return {};
}

Result<void> check_range(std::string_view name, std::int64_t value, std::int64_t min,
                         std::int64_t max) {
    if (value >= min && value <= max) return {};
    return invalid_parameter(
        fmt::format("Value {} for parameter {} is invalid. Reason: Must be between {} and {}, if "
                    "provided.",
                    value, name, min, max));
}

Result<std::string> after_token(const std::optional<std::string>& token) {
    if (!token) return std::string();
    auto name = base64_decode(*token);
    if (!name) return invalid_parameter("Invalid or expired next token.");
    return *std::move(name);
}

}  // namespace mill::sqs
