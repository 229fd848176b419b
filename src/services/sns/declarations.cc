// SPDX-License-Identifier: Apache-2.0
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

constexpr std::size_t page_max = 100;
constexpr std::size_t message_bytes_max = 262'144;
constexpr std::size_t subject_length_max = 100;
constexpr std::size_t fifo_id_length_max = 128;
constexpr std::size_t tags_max = 50;

Result<MessageAttributes> read_attributes(std::optional<AttributeValues> values) {
    MessageAttributes attributes;
    for (auto& [name, value] : values ? *values : AttributeValues()) {
        const std::string& type = *value.data_type;
        const bool is_binary = type == "Binary" || type.starts_with("Binary.");
        const bool is_known = is_binary || type.starts_with("String") || type.starts_with("Number");
        if (!is_known) {
            return fail("ParameterValueInvalid",
                        fmt::format("The message attribute '{}' has an invalid message attribute "
                                    "type, the set of supported type prefixes is Binary, Number, "
                                    "and String.",
                                    name),
                        400);
        }
        MessageAttribute& attribute = attributes[name];
        attribute = {.data_type = type, .is_binary = is_binary};
        attribute.value = is_binary ? value.binary_value.value_or(wire::Blob()).bytes
                                    : std::move(value.string_value).value_or("");
        if (attribute.value.empty()) {
            return fail("ParameterValueInvalid",
                        fmt::format("The message attribute '{}' must contain non-empty message "
                                    "attribute value for message attribute type '{}'.",
                                    name, type),
                        400);
        }
        if (type == "String.Array") {
            const auto list = wire::parse_json(attribute.value);
            if (!list || !list->items())
                return fail("ParameterValueInvalid",
                            "The message attribute '" + name + "' is no JSON array", 400);
        }
    }
    return attributes;
}

std::size_t bytes_of(const Message& message) {
    std::size_t bytes = message.body.size();
    for (const auto& [name, attribute] : message.attributes)
        bytes += name.size() + attribute.data_type.size() + attribute.value.size();
    return bytes;
}

// {"default": "...", "sqs": "..."}
Result<void> read_structure(Message& message) {
    const auto document = wire::parse_json(message.body);
    if (!document || !document->members())
        return invalid_parameter("Message Structure - JSON message body failed to parse");
    if (!document->find("default") || !document->find("default")->string())
        return invalid_parameter("Message Structure - No default entry in JSON message body");
    for (const auto& [protocol, body] : *document->members()) {
        if (!body.string()) continue;  // AWS passes over what is no text
        if (protocol == "default") {
            message.body = *body.string();
        } else {
            message.bodies[protocol] = *body.string();
        }
    }
    return {};
}

Result<void> check_fifo_id(std::string_view name, const std::string& id) {
    const bool good = !id.empty() && id.size() <= fifo_id_length_max &&
                      std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7f; });
    if (good) return {};
    return invalid_parameter(fmt::format(
        "{} Reason: it can only include alphanumeric and punctuation characters. 1 to {} in length",
        name, fifo_id_length_max));
}

Result<void> read_fifo_ids(const TopicRow& topic, Draft& draft, Message& message) {
    if (!topic.is_fifo()) {
        if (draft.deduplication_id) {
            return invalid_parameter(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
                "parameter that is not valid for this topic type");
        }
        if (draft.group_id) MILL_CHECK(check_fifo_id("MessageGroupId", *draft.group_id));
        message.group_id = std::move(draft.group_id).value_or("");
        return {};
    }
    if (!draft.group_id)
        return invalid_parameter("The MessageGroupId parameter is required for FIFO topics");
    MILL_CHECK(check_fifo_id("MessageGroupId", *draft.group_id));
    if (!draft.deduplication_id) {
        const auto by_content = topic.attributes.find("ContentBasedDeduplication");
        if (by_content == topic.attributes.end() || by_content->second != "true") {
            return invalid_parameter(
                "The topic should either have ContentBasedDeduplication enabled or "
                "MessageDeduplicationId provided explicitly");
        }
        draft.deduplication_id = hex(sha256(message.body));
    }
    MILL_CHECK(check_fifo_id("MessageDeduplicationId", *draft.deduplication_id));
    message.group_id = *std::move(draft.group_id);
    message.deduplication_id = *std::move(draft.deduplication_id);
    return {};
}

std::string default_policy(const TopicRow& row) {
    wire::Value statement = wire::Value::map();
    statement["Sid"] = "__default_statement_ID";
    statement["Effect"] = "Allow";
    statement["Principal"]["AWS"] = "*";
    for (const char* action : {"SNS:GetTopicAttributes", "SNS:SetTopicAttributes",
                               "SNS:AddPermission", "SNS:RemovePermission", "SNS:DeleteTopic",
                               "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"}) {
        statement["Action"].push_back(action);
    }
    statement["Resource"] = row.arn();
    statement["Condition"]["StringEquals"]["AWS:SourceOwner"] = row.account;
    wire::Value policy = wire::Value::map();
    policy["Version"] = "2008-10-17";
    policy["Id"] = "__default_policy_ID";
    policy["Statement"].push_back(std::move(statement));
    return wire::write_json(policy);
}

}  // namespace

std::map<std::string, std::string> tags_of(const std::optional<std::vector<Tag>>& tags) {
    std::map<std::string, std::string> all;
    for (const Tag& tag : tags ? *tags : std::vector<Tag>()) all[*tag.key] = *tag.value;
    return all;
}

Result<void> check_tag_count(const std::map<std::string, std::string>& tags) {
    if (tags.size() <= tags_max) return {};
    return fail("TagLimitExceeded",
                "Could not complete request: tag quota of per resource exceeded", 400);
}

Result<TopicPointer> found_resource(const Sns& sns, const std::string& arn) {
    auto topic = sns.find_topic(arn);
    if (topic) return topic;
    return fail("ResourceNotFound", "Resource does not exist", 404);
}

Result<SubscriptionPage> page_of(std::vector<SubscriptionPointer> subscriptions,
                                 const std::optional<std::string>& token) {
    MILL_TRY(const std::string after, after_token(token));
    SubscriptionPage page;
    std::string last;
    for (const SubscriptionPointer& subscription : subscriptions) {
        const SubscriptionRow& row = subscription->row;
        if (row.arn() <= after) continue;
        if (page.subscriptions.size() == page_max) {
            page.next_token = base64_token(last);
            break;
        }
        last = row.arn();
        page.subscriptions.push_back({row.is_pending() ? "PendingConfirmation" : row.arn(),
                                      row.owner, row.protocol, row.endpoint, row.topic_arn});
    }
    return page;
}

Result<Message> make_message(const TopicRow& topic, Draft draft) {
    Message message;
    message.body = std::move(draft.message).value_or("");
    if (message.body.empty()) return invalid_parameter("Empty message");
    if (draft.subject) {
        const bool good = !draft.subject->empty() && draft.subject->size() <= subject_length_max &&
                          std::ranges::none_of(*draft.subject, [](char c) {
                              return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
                          });
        if (!good) return invalid_parameter("Subject");
        message.subject = std::move(draft.subject);
    }
    MILL_TRY(message.attributes, read_attributes(std::move(draft.attributes)));
    if (bytes_of(message) > message_bytes_max) return invalid_parameter("Message too long");
    MILL_CHECK(read_fifo_ids(topic, draft, message));
    if (draft.message_structure) {
        if (*draft.message_structure != "json")
            return invalid_parameter("MessageStructure: it is json, or absent");
        MILL_CHECK(read_structure(message));
    }
    return message;
}

std::string policy_of(const TopicRow& row) {
    const auto set = row.attributes.find("Policy");
    if (set == row.attributes.end() || set->second.empty()) return default_policy(row);
    return set->second;
}

std::string base64_token(const std::string& last) { return base64_encode(last); }

Result<std::string> after_token(const std::optional<std::string>& token) {
    if (!token) return std::string();
    auto last = base64_decode(*token);
    if (!last) return invalid_parameter("NextToken");
    return *std::move(last);
}

}  // namespace mill::sns
