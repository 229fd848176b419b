// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/queue_event.h"

#include <map>

#include "base/base64.h"
#include "model/function_answer.h"
#include "wire/value.h"

namespace mill::lambda {
namespace {

void append_name(std::string_view name, std::string& out) {
    if (out.back() != '{') out += ',';
    wire::append_json_string(name, out);
    out += ':';
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
    append_name(name, out);
    wire::append_json_string(text, out);
}

void append_attribute(const ports::QueueMessage::Attribute& attribute, std::string& out) {
    out += '{';
    if (attribute.is_binary) {
        append_member("binaryValue", base64_encode(attribute.value), out);
    } else {
        append_member("stringValue", attribute.value, out);
    }
    out += R"(,"stringListValues":[],"binaryListValues":[])";
    append_member("dataType", attribute.data_type, out);
    out += '}';
}

}  // namespace

std::string render_around(const ports::SourceMessage& message, std::string_view queue_arn,
                          std::string_view region) {
    std::string out = "{";
    append_member("messageId", message.message_id, out);
    append_member("receiptHandle", message.receipt_handle, out);
    append_name("attributes", out);
    out += '{';
    for (const auto& [name, value] : message.system_attributes) append_member(name, value, out);
    out += '}';
    append_name("messageAttributes", out);
    out += '{';
    for (const auto& [name, attribute] : message.attributes) {
        append_name(name, out);
        append_attribute(attribute, out);
    }
    out += '}';
    if (!message.md5_of_attributes.empty())
        append_member("md5OfMessageAttributes", message.md5_of_attributes, out);
    append_member("md5OfBody", message.md5_of_body, out);
    append_member("eventSource", "aws:sqs", out);
    append_member("eventSourceARN", queue_arn, out);
    append_member("awsRegion", region, out);
    return out;
}

RenderedMessage render_message(ports::SourceMessage message, std::string around) {
    append_member("body", message.body, around);
    around += '}';
    return {std::move(message.message_id), std::move(message.receipt_handle), std::move(around)};
}

std::string render_queue_event(std::span<const RenderedMessage> messages) {
    std::string event = R"({"Records":[)";
    std::size_t bytes = event.size() + 2;
    for (const RenderedMessage& message : messages) bytes += message.json.size() + 1;
    event.reserve(bytes);
    for (const RenderedMessage& message : messages) {
        if (&message != messages.data()) event += ',';
        event += message.json;
    }
    event += "]}";
    return event;
}

std::vector<bool> handled_messages(std::string_view payload,
                                   std::span<const RenderedMessage> messages) {
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < messages.size(); ++i) places[messages[i].id] = i;
    const auto place_of = [&](std::string_view id) -> std::optional<std::size_t> {
        const auto found = places.find(id);
        if (found == places.end()) return std::nullopt;
        return found->second;
    };
    const auto answer = model::read_answer(payload, {.reports_item_failures = true}, place_of);
    const bool some_handled =
        !answer.failed.empty() || std::holds_alternative<model::Succeeded>(answer.outcome);
    std::vector<bool> handled(messages.size(), some_handled);
    for (const std::size_t place : answer.failed) handled[place] = false;
    return handled;
}

}  // namespace mill::lambda
