// SPDX-License-Identifier: Apache-2.0
// What the operations of SNS share.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/sns/sns.h"

namespace mill::sns {

template <auto Pointer>
constexpr wire::Member topic_arn_member() {
    return wire::member<Pointer>("TopicArn").required();
}

struct Tag {
    std::optional<std::string> key;
    std::optional<std::string> value;

    static constexpr auto shape() {
        return wire::structure("Tag", wire::member<&Tag::key>("Key").required().length(1, 128),
                               wire::member<&Tag::value>("Value").required().length(0, 256));
    }
};
std::map<std::string, std::string> tags_of(const std::optional<std::vector<Tag>>& tags);
// InvalidParameter
Result<void> check_tag_count(const std::map<std::string, std::string>& tags);

// Tags are of topics. ResourceNotFound.
Result<TopicPointer> found_resource(const Sns& sns, const std::string& arn);

struct SubscriptionDescription {
    std::string subscription_arn;
    std::string owner;
    std::string protocol;
    std::string endpoint;
    std::string topic_arn;

    static constexpr auto shape() {
        using S = SubscriptionDescription;
        return wire::structure(
            "Subscription", wire::member<&S::subscription_arn>("SubscriptionArn"),
            wire::member<&S::owner>("Owner"), wire::member<&S::protocol>("Protocol"),
            wire::member<&S::endpoint>("Endpoint"), wire::member<&S::topic_arn>("TopicArn"));
    }
};
struct SubscriptionPage {
    std::vector<SubscriptionDescription> subscriptions;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using P = SubscriptionPage;
        return wire::structure("SubscriptionPage", wire::member<&P::subscriptions>("Subscriptions"),
                               wire::member<&P::next_token>("NextToken"));
    }
};
// A hundred at a time, in the order of their ARNs.
Result<SubscriptionPage> page_of(std::vector<SubscriptionPointer> subscriptions,
                                 const std::optional<std::string>& token);

struct MessageAttributeValue {
    std::optional<std::string> data_type;
    std::optional<std::string> string_value;
    std::optional<wire::Blob> binary_value;

    static constexpr auto shape() {
        using V = MessageAttributeValue;
        return wire::structure("MessageAttributeValue",
                               wire::member<&V::data_type>("DataType").required(),
                               wire::member<&V::string_value>("StringValue"),
                               wire::member<&V::binary_value>("BinaryValue"));
    }
};
using AttributeValues = std::map<std::string, MessageAttributeValue>;
template <auto Pointer>
constexpr wire::Member message_attributes_member() {
    return wire::member<Pointer>("MessageAttributes").keyed("Name", "Value");
}

// The parts of a message as Publish and PublishBatch take them.
struct Draft {
    std::optional<std::string> message;
    std::optional<std::string> subject;
    std::optional<std::string> message_structure;
    std::optional<AttributeValues> attributes;
    std::optional<std::string> deduplication_id;
    std::optional<std::string> group_id;
};
// Checked against the rules of the topic. InvalidParameter.
Result<Message> make_message(const TopicRow& topic, Draft draft);
// JSON: the policy that was set, else the one that every topic begins with.
std::string policy_of(const TopicRow& topic);

std::string base64_token(const std::string& last);
Result<std::string> after_token(const std::optional<std::string>& token);

}  // namespace mill::sns
