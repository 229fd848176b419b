// SPDX-License-Identifier: Apache-2.0
// AWS::SQS::Queue, AWS::SQS::QueuePolicy and AWS::SQS::QueueInlinePolicy for CloudFormation.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queue.html
#include <fmt/format.h>

#include <algorithm>

#include "services/sqs/errors.h"
#include "services/sqs/sqs.h"

namespace mill::sqs {
namespace {

constexpr std::string_view queue_type = "AWS::SQS::Queue";
constexpr std::array<std::string_view, 3> resource_types = {queue_type, "AWS::SQS::QueuePolicy",
                                                            "AWS::SQS::QueueInlinePolicy"};
// Those that are attributes of the same name.
constexpr std::string_view attribute_properties[] = {"ContentBasedDeduplication",
                                                     "DeduplicationScope",
                                                     "DelaySeconds",
                                                     "FifoQueue",
                                                     "FifoThroughputLimit",
                                                     "KmsDataKeyReusePeriodSeconds",
                                                     "KmsMasterKeyId",
                                                     "MaximumMessageSize",
                                                     "MessageRetentionPeriod",
                                                     "RedriveAllowPolicy",
                                                     "RedrivePolicy",
                                                     "SqsManagedSseEnabled",
                                                     "VisibilityTimeout"};
constexpr std::string_view wait_property = "ReceiveMessageWaitTimeSeconds";

Failure invalid_property(std::string message) {
    return fail("ValidationException", std::move(message), 400);
}

// Numbers and booleans may be written as such or as text, documents as such or as JSON.
std::string text_of(const wire::Value& value) {
    if (const auto* text = value.string()) return *text;
    return wire::write_json(value);
}

std::map<std::string, std::string> tags_property(const wire::Value& properties) {
    std::map<std::string, std::string> tags;
    const wire::Value* list = properties.find("Tags");
    if (!list || !list->items()) return tags;
    for (const wire::Value& tag : *list->items())
        tags[wire::text_of(tag, "Key")] = wire::text_of(tag, "Value");
    return tags;
}

Result<Attributes> attributes_of(const wire::Value& properties) {
    Attributes attributes;
    if (!properties.members()) return attributes;
    for (const auto& [name, value] : *properties.members()) {
        if (name == "QueueName" || name == "Tags" || value.is_null()) continue;
        if (name != wait_property && std::ranges::find(attribute_properties, name) ==
                                         std::ranges::end(attribute_properties)) {
            return invalid_property(
                fmt::format("AWS::SQS::Queue: Millrace does not support the property {}", name));
        }
        attributes[name] = text_of(value);
    }
    // What says nothing where it is not a FIFO queue.
    if (const auto fifo = attributes.find("FifoQueue");
        fifo != attributes.end() && fifo->second == "false")
        attributes.erase(fifo);
    return attributes;
}

std::string name_of(const ports::ResourceRequest& request, bool is_fifo) {
    constexpr std::string_view suffix = ".fifo";
    std::string generated = request.generated_name.substr(
        0, limits::sqs::name_length_max - (is_fifo ? suffix.size() : 0));
    if (is_fifo) generated += suffix;
    return wire::text_of(request.properties, "QueueName", std::move(generated));
}

ports::Resource describe(const Sqs& sqs, const Caller& caller, const QueueRow& row) {
    ports::Resource resource;
    resource.physical_id = sqs.url_of(caller, row);
    resource.attributes["Arn"] = row.arn();
    resource.attributes["QueueName"] = row.name;
    resource.attributes["QueueUrl"] = resource.physical_id;
    return resource;
}

// A policy names one queue or a list of them.
std::vector<std::string> queues_of(const wire::Value& properties) {
    std::vector<std::string> urls;
    if (const wire::Value* queue = properties.find("Queue")) urls.push_back(text_of(*queue));
    const wire::Value* queues = properties.find("Queues");
    if (!queues || !queues->items()) return urls;
    for (const wire::Value& url : *queues->items()) urls.push_back(text_of(url));
    return urls;
}

bool is_queue(const ports::ResourceRequest& request) { return request.type == queue_type; }

}  // namespace

std::span<const std::string_view> Sqs::types() const { return resource_types; }

Task<Result<ports::Resource>> Sqs::create(ports::ResourceRequest request) {
    if (!is_queue(request)) co_return co_await create_policies(std::move(request));
    MILL_CO_TRY(auto attributes, attributes_of(request.properties));
    std::string name = name_of(request, attributes.contains("FifoQueue"));
    if (find_queue(request.caller.account, request.caller.region, name)) {
        co_return fail("AlreadyExists", fmt::format("{} already exists", name), 400);
    }
    MILL_CO_TRY(const auto queue,
                co_await create_queue(request.caller, std::move(name), std::move(attributes),
                                      tags_property(request.properties)));
    co_return describe(*this, request.caller, queue->row());
}

Task<Result<ports::Resource>> Sqs::update(ports::ResourceRequest request, std::string physical_id,
                                          wire::Value old_properties) {
    if (!is_queue(request)) {
        // Queues that are no longer named lose the policy.
        ports::ResourceRequest old = request;
        old.properties = std::move(old_properties);
        const auto kept = queues_of(request.properties);
        for (const std::string& url : queues_of(old.properties)) {
            if (std::ranges::count(kept, url) > 0) continue;
            const auto queue = find_queue(request.caller, url);
            if (queue) MILL_CO_CHECK(co_await set_attributes(*queue, {{"Policy", ""}}));
        }
        auto made = co_await create_policies(std::move(request));
        if (made) made->physical_id = std::move(physical_id);
        co_return made;
    }
    MILL_CO_TRY(const auto wanted, attributes_of(request.properties));
    MILL_CO_TRY(const auto before, attributes_of(old_properties));
    const bool is_renamed = wire::text_of(request.properties, "QueueName") !=
                            wire::text_of(old_properties, "QueueName");
    if (is_renamed || wanted.contains("FifoQueue") != before.contains("FifoQueue"))
        co_return fail("resource.replace", "the name and the kind of a queue cannot change");
    // By its URL; by its name if that is all that is known of it.
    auto found = find_queue(request.caller, physical_id);
    if (!found) found = find_queue(request.caller, name_of(request, wanted.contains("FifoQueue")));
    MILL_CO_TRY(const auto queue, std::move(found));
    Attributes changes = wanted;
    const Attributes defaults = with_defaults({{"FifoQueue", "true"}, {"KmsMasterKeyId", "any"}});
    for (const auto& [name, value] : before) {
        if (wanted.contains(name)) continue;
        const auto otherwise = defaults.find(name);
        // Documents and keys have none: they go.
        const bool goes = otherwise == defaults.end() || name == "KmsMasterKeyId";
        changes[name] = goes ? "" : otherwise->second;
    }
    MILL_CO_CHECK(co_await set_attributes(queue, std::move(changes)));
    const auto old_tags = tags_property(old_properties), tags = tags_property(request.properties);
    MILL_CO_CHECK(co_await change_row(queue, [old_tags, tags](QueueRow& row) -> Result<void> {
        for (const auto& [key, value] : old_tags)
            row.tags.erase(key);  // others than the template's stay
        for (const auto& [key, value] : tags) row.tags.insert_or_assign(key, value);
        return {};
    }));
    co_return describe(*this, request.caller, queue->row());
}

Task<Result<void>> Sqs::remove(ports::ResourceRequest request, std::string physical_id) {
    if (is_queue(request)) {
        const auto queue = find_queue(request.caller, physical_id);
        co_return queue ? co_await delete_queue(*queue) : Result<void>();
    }
    for (const std::string& url : queues_of(request.properties)) {
        const auto queue = find_queue(request.caller, url);
        if (queue) MILL_CO_CHECK(co_await set_attributes(*queue, {{"Policy", ""}}));
    }
    co_return Result<void>();
}

Task<Result<ports::Resource>> Sqs::create_policies(ports::ResourceRequest request) {
    const wire::Value* document = request.properties.find("PolicyDocument");
    const auto urls = queues_of(request.properties);
    if (!document || urls.empty()) {
        co_return invalid_property(fmt::format(
            "Property validation failure: [The properties {{/PolicyDocument}} and {{/Queue{}}} are "
            "required]",
            request.type == "AWS::SQS::QueuePolicy" ? "s" : ""));
    }
    const std::string policy = text_of(*document);
    for (const std::string& url : urls) {
        MILL_CO_TRY(const auto queue, find_queue(request.caller, url));
        MILL_CO_CHECK(co_await set_attributes(queue, {{"Policy", policy}}));
    }
    ports::Resource resource;
    resource.physical_id = request.type == "AWS::SQS::QueueInlinePolicy"
                               ? urls.front()
                               : std::move(request.generated_name);
    resource.attributes["Id"] = resource.physical_id;
    co_return resource;
}

}  // namespace mill::sqs
