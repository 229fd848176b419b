// SPDX-License-Identifier: Apache-2.0
// AWS::Kinesis::StreamConsumer for CloudFormation. Its id is the consumer's ARN.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kinesis-streamconsumer.html
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/limits.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/stream_resource.h"

namespace mill::kinesis {
namespace {

constexpr std::array<std::string_view, 3> known_properties = {"ConsumerName", "StreamARN", "Tags"};

ports::Resource resource_of(const ConsumerRow& row) {
    ports::Resource resource;
    resource.physical_id = row.arn();
    resource.attributes =
        wire::Value::Map{{"ConsumerARN", row.arn()},
                         {"ConsumerName", row.name},
                         {"ConsumerStatus", row.status},
                         {"ConsumerCreationTimestamp", std::to_string(row.created_ms / 1000)},
                         {"StreamARN", row.stream_arn}};
    return resource;
}

}  // namespace

Task<Result<void>> Kinesis::consumer_settled(ConsumerPointer consumer) {
    MILL_CO_TRY(const auto stream, stream_of(*consumer));
    while (!consumer->is_gone && consumer->row.status != "ACTIVE" && !stream->is_gone)
        co_await stream->changed().wait();
    co_return Result<void>();
}

Task<Result<ports::Resource>> Kinesis::create_consumer_resource(ports::ResourceRequest request) {
    MILL_CO_CHECK(check_known(request.type, request.properties, known_properties));
    const std::string name = wire::text_of(request.properties, "ConsumerName");
    if (!is_stream_name(name)) {
        co_return fail("ValidationException",
                       fmt::format("'{}' is not a ConsumerName: 1 to {} of a-z A-Z 0-9 _ . -", name,
                                   limits::kinesis::name_length_max),
                       400);
    }
    MILL_CO_TRY(auto stream, find_stream(wire::text_of(request.properties, "StreamARN")));
    MILL_CO_TRY(const auto consumer, co_await register_consumer(std::move(stream), name,
                                                                tags_property(request.properties)));
    MILL_CO_CHECK(co_await consumer_settled(consumer));
    co_return resource_of(consumer->row);
}

// A `physical_id` that is no ARN: one that an interrupted creation has made, known by its name
// only.
Task<Result<ports::Resource>> Kinesis::update_consumer_resource(ports::ResourceRequest request,
                                                                std::string physical_id,
                                                                wire::Value old_properties) {
    const wire::Value& wanted = request.properties;
    const std::string name = wire::text_of(wanted, "ConsumerName");
    const std::string stream_arn = wire::text_of(wanted, "StreamARN");
    if (name != wire::text_of(old_properties, "ConsumerName") ||
        stream_arn != wire::text_of(old_properties, "StreamARN")) {
        co_return fail("resource.replace", "the name and the stream of a consumer cannot change");
    }
    MILL_CO_CHECK(check_known(request.type, wanted, known_properties));
    MILL_CO_TRY(const auto consumer, physical_id.starts_with("arn:")
                                         ? find_consumer(physical_id)
                                         : find_consumer(stream_arn, name, std::nullopt));
    const auto apply = [tags = tags_property(wanted), old_tags = tags_property(old_properties)](
                           ConsumerRow& row) -> Result<void> {
        for (const auto& [key, value] : old_tags) row.tags.erase(key);
        for (const auto& [key, value] : tags) row.tags.insert_or_assign(key, value);
        return {};
    };
    MILL_CO_CHECK(co_await change_consumer(consumer, apply));
    MILL_CO_CHECK(co_await consumer_settled(consumer));
    co_return resource_of(consumer->row);
}

Task<Result<void>> Kinesis::remove_consumer_resource(std::string arn) {
    const auto consumer = find_consumer(arn);
    if (!consumer) co_return Result<void>();
    MILL_CO_TRY(const auto stream, stream_of(**consumer));
    MILL_CO_CHECK(co_await deregister_consumer(*consumer));
    while (!(*consumer)->is_gone && !stream->is_gone) co_await stream->changed().wait();
    co_return Result<void>();
}

}  // namespace mill::kinesis
