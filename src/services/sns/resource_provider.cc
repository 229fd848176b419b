// SPDX-License-Identifier: Apache-2.0
// AWS::SNS::Topic, AWS::SNS::Subscription and AWS::SNS::TopicPolicy for CloudFormation.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_SNS.html
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/sns/sns.h"

namespace mill::sns {
namespace {

constexpr std::string_view topic_type = "AWS::SNS::Topic";
constexpr std::string_view subscription_type = "AWS::SNS::Subscription";
constexpr std::array<std::string_view, 3> resource_types = {topic_type, subscription_type,
                                                            "AWS::SNS::TopicPolicy"};
constexpr std::string_view topic_properties[] = {"ContentBasedDeduplication",
                                                 "DisplayName",
                                                 "FifoThroughputScope",
                                                 "FifoTopic",
                                                 "KmsMasterKeyId",
                                                 "TracingConfig",
                                                 "SignatureVersion",
                                                 "DeliveryPolicy"};
constexpr std::string_view other_topic_properties[] = {"TopicName", "Tags", "Subscription"};
constexpr std::string_view subscription_properties[] = {
    "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"};
constexpr std::string_view other_subscription_properties[] = {"TopicArn", "Protocol", "Endpoint",
                                                              "Region"};

std::string text_of(const wire::Value& value) {
    if (const auto* text = value.string()) return *text;
    return wire::write_json(value);
}

bool is_among(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// Those that are attributes; an error if there are unknown ones.
Result<Attributes> attributes_of(const ports::ResourceRequest& request,
                                 std::span<const std::string_view> attributes,
                                 std::span<const std::string_view> others) {
    Attributes found;
    if (!request.properties.members()) return found;
    for (const auto& [name, value] : *request.properties.members()) {
        if (is_among(others, name) || value.is_null()) continue;
        if (!is_among(attributes, name)) {
            return fail(
                "ValidationException",
                fmt::format("{}: Millrace does not support the property {}", request.type, name),
                400);
        }
        found[name] = text_of(value);
    }
    const auto fifo = found.find("FifoTopic");
    if (fifo != found.end() && fifo->second == "false") found.erase(fifo);
    return found;
}

std::map<std::string, std::string> tags_of(const wire::Value& properties) {
    std::map<std::string, std::string> tags;
    const wire::Value* list = properties.find("Tags");
    if (!list || !list->items()) return tags;
    for (const wire::Value& tag : *list->items())
        tags[wire::text_of(tag, "Key")] = wire::text_of(tag, "Value");
    return tags;
}

std::string topic_name_of(const ports::ResourceRequest& request, bool is_fifo) {
    return wire::text_of(request.properties, "TopicName",
                         request.generated_name + (is_fifo ? ".fifo" : ""));
}

ports::Resource describe(const TopicRow& row) {
    ports::Resource resource;
    resource.physical_id = row.arn();
    resource.attributes["TopicArn"] = row.arn();
    resource.attributes["TopicName"] = row.name;
    return resource;
}

std::vector<std::string> topics_of(const wire::Value& properties) {
    std::vector<std::string> arns;
    const wire::Value* topics = properties.find("Topics");
    if (!topics || !topics->items()) return arns;
    for (const wire::Value& arn : *topics->items()) arns.push_back(text_of(arn));
    return arns;
}

Sns::Change set_policy(std::string policy) {
    return [policy = std::move(policy)](TopicRow& row) -> Result<void> {
        if (policy.empty()) {
            row.attributes.erase("Policy");
        } else {
            row.attributes["Policy"] = policy;
        }
        return {};
    };
}

}  // namespace

std::span<const std::string_view> Sns::types() const { return resource_types; }

Task<Result<ports::Resource>> Sns::create(ports::ResourceRequest request) {
    if (request.type == topic_type) return create_topic_resource(std::move(request));
    if (request.type == subscription_type) return create_subscription_resource(std::move(request));
    return create_policy_resource(std::move(request));
}

// Subscriptions that the topic itself lists.
Task<Result<void>> Sns::subscribe_listed(Caller caller, TopicPointer topic,
                                         wire::Value properties) {
    const wire::Value* list = properties.find("Subscription");
    if (!list || !list->items()) co_return Result<void>();
    for (const wire::Value& one : *list->items()) {
        MILL_CO_TRY(const auto made,
                    co_await subscribe(caller, topic, wire::text_of(one, "Protocol"),
                                       wire::text_of(one, "Endpoint"), {}));
        static_cast<void>(made);
    }
    co_return Result<void>();
}

Task<Result<ports::Resource>> Sns::create_topic_resource(ports::ResourceRequest request) {
    MILL_CO_TRY(auto attributes, attributes_of(request, topic_properties, other_topic_properties));
    std::string name = topic_name_of(request, attributes.contains("FifoTopic"));
    const std::string arn =
        "arn:aws:sns:" + request.caller.region + ":" + request.caller.account + ":" + name;
    if (topics_.contains(arn))
        co_return fail("AlreadyExists", fmt::format("{} already exists", arn), 400);
    MILL_CO_TRY(const auto topic,
                co_await create_topic(request.caller, std::move(name), std::move(attributes),
                                      tags_of(request.properties)));
    MILL_CO_CHECK(co_await subscribe_listed(request.caller, topic, request.properties));
    co_return describe(topic->row);
}

Task<Result<ports::Resource>> Sns::create_subscription_resource(ports::ResourceRequest request) {
    MILL_CO_TRY(auto attributes,
                attributes_of(request, subscription_properties, other_subscription_properties));
    MILL_CO_TRY(const auto topic, find_topic(wire::text_of(request.properties, "TopicArn")));
    MILL_CO_TRY(
        const auto made,
        co_await subscribe(request.caller, topic, wire::text_of(request.properties, "Protocol"),
                           wire::text_of(request.properties, "Endpoint"), std::move(attributes)));
    ports::Resource resource;
    resource.physical_id = made->row.arn();
    resource.attributes["Arn"] = made->row.arn();
    co_return resource;
}

Task<Result<ports::Resource>> Sns::create_policy_resource(ports::ResourceRequest request) {
    const wire::Value* document = request.properties.find("PolicyDocument");
    const auto arns = topics_of(request.properties);
    if (!document || arns.empty()) {
        co_return fail("ValidationException",
                       "Property validation failure: [The properties {/PolicyDocument} and "
                       "{/Topics} are required]",
                       400);
    }
    const std::string policy = text_of(*document);
    for (const std::string& arn : arns) {
        MILL_CO_TRY(const auto topic, find_topic(arn));
        MILL_CO_CHECK(co_await change_topic(topic, set_policy(policy)));
    }
    ports::Resource resource;
    resource.physical_id = std::move(request.generated_name);
    resource.attributes["Id"] = resource.physical_id;
    co_return resource;
}

Task<Result<ports::Resource>> Sns::update(ports::ResourceRequest request, std::string physical_id,
                                          wire::Value old_properties) {
    if (request.type == topic_type)
        return update_topic_resource(std::move(request), std::move(old_properties));
    if (request.type == subscription_type) {
        return update_subscription_resource(std::move(request), std::move(physical_id),
                                            std::move(old_properties));
    }
    return update_policy_resource(std::move(request), std::move(physical_id),
                                  std::move(old_properties));
}

Task<Result<ports::Resource>> Sns::update_topic_resource(ports::ResourceRequest request,
                                                         wire::Value old_properties) {
    ports::ResourceRequest old = request;
    old.properties = std::move(old_properties);
    MILL_CO_TRY(const auto wanted,
                attributes_of(request, topic_properties, other_topic_properties));
    MILL_CO_TRY(const auto before, attributes_of(old, topic_properties, other_topic_properties));
    const std::string name = topic_name_of(request, wanted.contains("FifoTopic"));
    if (name != topic_name_of(old, before.contains("FifoTopic")))
        co_return fail("resource.replace", "the name and the kind of a topic cannot change");
    MILL_CO_TRY(const auto topic, find_topic("arn:aws:sns:" + request.caller.region + ":" +
                                             request.caller.account + ":" + name));
    for (const auto& [attribute, value] : wanted)
        MILL_CO_CHECK(check_topic_attribute(attribute, value, topic->row.is_fifo()));
    const auto old_tags = tags_of(old.properties), tags = tags_of(request.properties);
    MILL_CO_CHECK(co_await change_topic(
        topic, [before, wanted, old_tags, tags](TopicRow& row) -> Result<void> {
            for (const auto& [attribute, value] : before) row.attributes.erase(attribute);
            for (const auto& [attribute, value] : wanted) row.attributes[attribute] = value;
            for (const auto& [key, value] : old_tags) row.tags.erase(key);
            for (const auto& [key, value] : tags) row.tags.insert_or_assign(key, value);
            return {};
        }));
    MILL_CO_CHECK(co_await subscribe_listed(request.caller, topic, request.properties));
    co_return describe(topic->row);
}

Task<Result<ports::Resource>> Sns::update_subscription_resource(ports::ResourceRequest request,
                                                                std::string physical_id,
                                                                wire::Value old_properties) {
    for (const char* fixed : {"TopicArn", "Protocol", "Endpoint"}) {
        if (wire::text_of(request.properties, fixed) != wire::text_of(old_properties, fixed))
            co_return fail("resource.replace", "a subscription stays what and whose it is");
    }
    MILL_CO_TRY(const auto wanted,
                attributes_of(request, subscription_properties, other_subscription_properties));
    MILL_CO_CHECK(check_subscription_attributes(wanted));
    MILL_CO_TRY(const auto found, find_subscription(physical_id));
    MILL_CO_CHECK(
        co_await change_subscription(found, [wanted](SubscriptionRow& row) -> Result<void> {
            row.attributes = wanted;
            return {};
        }));
    ports::Resource resource;
    resource.physical_id = physical_id;
    resource.attributes["Arn"] = std::move(physical_id);
    co_return resource;
}

// Topics that are no longer named lose the policy.
Task<Result<ports::Resource>> Sns::update_policy_resource(ports::ResourceRequest request,
                                                          std::string physical_id,
                                                          wire::Value old_properties) {
    const auto kept = topics_of(request.properties);
    for (const std::string& arn : topics_of(old_properties)) {
        const auto topic = find_topic(arn);
        if (!topic || std::ranges::count(kept, arn) > 0) continue;
        MILL_CO_CHECK(co_await change_topic(*topic, set_policy("")));
    }
    auto made = co_await create_policy_resource(std::move(request));
    if (made) made->physical_id = std::move(physical_id);
    co_return made;
}

Task<Result<void>> Sns::remove(ports::ResourceRequest request, std::string physical_id) {
    if (request.type == topic_type) {
        const auto topic = find_topic(physical_id);
        co_return topic ? co_await delete_topic(*topic) : Result<void>();
    }
    if (request.type == subscription_type) {
        auto found = find_subscription(physical_id);
        co_return found ? co_await unsubscribe(*std::move(found)) : Result<void>();
    }
    for (const std::string& arn : topics_of(request.properties)) {
        const auto topic = find_topic(arn);
        if (topic) MILL_CO_CHECK(co_await change_topic(*topic, set_policy("")));
    }
    co_return Result<void>();
}

}  // namespace mill::sns
