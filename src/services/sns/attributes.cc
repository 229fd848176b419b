// SPDX-License-Identifier: Apache-2.0
// What the attributes of topics and subscriptions may be.
// https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
// https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
#include <fmt/format.h>

#include <algorithm>

#include "services/sns/sns.h"

namespace mill::sns {
namespace {

bool is_json_object(const std::string& text) {
    const auto value = wire::parse_json(text);
    return value && value->members();
}

Result<void> check_boolean(const std::string& name, const std::string& value) {
    if (value == "true" || value == "false") return {};
    return invalid_parameter(fmt::format("{}: it is true or false", name));
}

Result<void> check_subscription_attribute(const std::string& name, const std::string& value,
                                          bool filters_body) {
    if (name == "RawMessageDelivery") return check_boolean(name, value);
    if (name == "FilterPolicyScope") {
        if (value == "MessageAttributes" || value == "MessageBody") return {};
        return invalid_parameter("FilterPolicyScope: Invalid value [" + value +
                                 "]. Please use either MessageBody or MessageAttributes");
    }
    if (value.empty()) return {};
    if (name == "FilterPolicy") {
        MILL_TRY(const auto compiled, FilterPolicy::compile(value, filters_body));
        static_cast<void>(compiled);
        return {};
    }
    if (name == "RedrivePolicy") {
        const auto policy = wire::parse_json(value);
        if (policy && !wire::text_of(*policy, "deadLetterTargetArn").empty()) return {};
        return invalid_parameter("RedrivePolicy: deadLetterTargetArn must be the ARN of a queue");
    }
    if (name == "DeliveryPolicy") {
        if (is_json_object(value)) return {};
        return invalid_parameter("DeliveryPolicy: failed to parse JSON.");
    }
    if (name == "ReplayPolicy" || name == "SubscriptionRoleArn") {
        return invalid_parameter(fmt::format(
            "AttributeName: Millrace does not support {} yet: it keeps no archive of messages and "
            "delivers to no Firehose.",
            name));
    }
    return invalid_parameter("AttributeName");
}

}  // namespace

Failure invalid_parameter(std::string_view what) {
    return fail("InvalidParameter", fmt::format("Invalid parameter: {}", what), 400);
}

Failure topic_not_found() { return fail("NotFound", "Topic does not exist", 404); }

bool is_topic_name(std::string_view name, bool is_fifo) {
    constexpr std::string_view suffix = ".fifo";
    constexpr std::size_t length_max = 256;
    if (name.size() > length_max || name.ends_with(suffix) != is_fifo) return false;
    if (is_fifo) name.remove_suffix(suffix.size());
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_';
    });
}

Result<void> check_topic_attribute(const std::string& name, const std::string& value,
                                   bool is_fifo) {
    constexpr std::string_view texts[] = {"DisplayName", "KmsMasterKeyId"};
    constexpr std::string_view documents[] = {"Policy", "DeliveryPolicy"};
    if (std::ranges::find(texts, name) != std::ranges::end(texts)) return {};
    if (std::ranges::find(documents, name) != std::ranges::end(documents)) {
        if (value.empty() || is_json_object(value)) return {};
        return invalid_parameter(fmt::format("{}: failed to parse JSON.", name));
    }
    if (name == "FifoTopic") {
        MILL_CHECK(check_boolean(name, value));
        if ((value == "true") == is_fifo) return {};
        return invalid_parameter("Topic Name");
    }
    if (name == "ContentBasedDeduplication" && is_fifo) return check_boolean(name, value);
    if (name == "FifoThroughputScope" && is_fifo) {
        if (value == "Topic" || value == "MessageGroup") return {};
        return invalid_parameter("FifoThroughputScope: it is Topic or MessageGroup");
    }
    if (name == "TracingConfig") {
        if (value == "PassThrough") return {};
        return invalid_parameter("TracingConfig: Millrace traces nothing; use PassThrough");
    }
    if (name == "SignatureVersion") {
        if (value == "1" || value == "2") return {};
        return invalid_parameter("SignatureVersion");
    }
    if (name == "ArchivePolicy" || name.ends_with("FeedbackRoleArn") ||
        name.ends_with("FeedbackSampleRate")) {
        return invalid_parameter(
            fmt::format("AttributeName: Millrace does not support {} yet: it keeps no archive of "
                        "messages and no log of deliveries.",
                        name));
    }
    return invalid_parameter("AttributeName");
}

Result<void> check_subscription_attributes(const Attributes& attributes) {
    const auto scope = attributes.find("FilterPolicyScope");
    const bool filters_body = scope != attributes.end() && scope->second == "MessageBody";
    for (const auto& [name, value] : attributes)
        MILL_CHECK(check_subscription_attribute(name, value, filters_body));
    return {};
}

void Subscription::read_attributes() {
    const auto text = [&](const char* name) {
        const auto found = row.attributes.find(name);
        return found == row.attributes.end() ? std::string() : found->second;
    };
    is_raw = text("RawMessageDelivery") == "true";
    filters_body = text("FilterPolicyScope") == "MessageBody";
    filter.reset();
    if (const std::string policy = text("FilterPolicy"); !policy.empty()) {
        if (auto compiled = FilterPolicy::compile(policy, filters_body))
            filter = *std::move(compiled);
    }
    dead_letter_arn.clear();
    if (const auto policy = wire::parse_json(text("RedrivePolicy")))
        dead_letter_arn = wire::text_of(*policy, "deadLetterTargetArn");
}

}  // namespace mill::sns
