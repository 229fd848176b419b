// SPDX-License-Identifier: Apache-2.0
#include "services/sns/message.h"

namespace mill::sns {
namespace {

wire::Value attributes_value(const MessageAttributes& attributes) {
    wire::Value all = wire::Value::map();
    for (const auto& [name, attribute] : attributes) {
        all[name]["Type"] = attribute.data_type;
        all[name]["Value"] = attribute.is_binary ? base64_encode(attribute.value) : attribute.value;
    }
    return all;
}

}  // namespace

std::string notification_text(const Message& message, const std::string& protocol,
                              const std::string& unsubscribe_url) {
    wire::Value text = wire::Value::map();
    text["Type"] = "Notification";
    text["MessageId"] = message.message_id;
    if (!message.sequence_number.empty()) text["SequenceNumber"] = message.sequence_number;
    text["TopicArn"] = message.topic_arn;
    if (message.subject) text["Subject"] = *message.subject;
    text["Message"] = message.body_for(protocol);
    text["Timestamp"] = iso8601_ms(message.published);
    text["UnsubscribeURL"] = unsubscribe_url;
    if (!message.attributes.empty())
        text["MessageAttributes"] = attributes_value(message.attributes);
    return wire::write_json(text);
}

std::string lambda_event(const Message& message, const std::string& subscription_arn,
                         const std::string& unsubscribe_url) {
    wire::Value sns = wire::Value::map();
    sns["Type"] = "Notification";
    sns["MessageId"] = message.message_id;
    sns["TopicArn"] = message.topic_arn;
    sns["Subject"] = message.subject ? wire::Value(*message.subject) : wire::Value();
    sns["Message"] = message.body_for("lambda");
    sns["Timestamp"] = iso8601_ms(message.published);
    sns["UnsubscribeUrl"] = unsubscribe_url;
    sns["MessageAttributes"] = attributes_value(message.attributes);
    wire::Value record = wire::Value::map();
    record["EventSource"] = "aws:sns";
    record["EventVersion"] = "1.0";
    record["EventSubscriptionArn"] = subscription_arn;
    record["Sns"] = std::move(sns);
    wire::Value event = wire::Value::map();
    event["Records"].push_back(std::move(record));
    return wire::write_json(event);
}

}  // namespace mill::sns
