// SPDX-License-Identifier: Apache-2.0
// AWS::Kinesis::Stream for CloudFormation; AWS::Kinesis::StreamConsumer is in consumer_resource.cc.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kinesis-stream.html
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/limits.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/stream_resource.h"

namespace mill::kinesis {
namespace {

constexpr std::array<std::string_view, 2> provided_types = {stream_type, consumer_type};
constexpr std::array<std::string_view, 1> stream_create_only = {"Name"};
constexpr std::array<std::string_view, 2> consumer_create_only = {"ConsumerName", "StreamARN"};
constexpr std::array<std::string_view, 7> known_properties = {
    "Name", "ShardCount",         "RetentionPeriodHours", "StreamModeDetails",
    "Tags", "MaxRecordSizeInKiB", "StreamEncryption"};

Failure invalid_property(std::string message) {
    return fail("ValidationException", std::move(message), 400);
}

// Templates write numbers as numbers or as text.
Result<std::optional<std::int64_t>> number_property(const wire::Value& properties,
                                                    std::string_view name) {
    const wire::Value* value = properties.find(name);
    if (!value || value->is_null()) return std::nullopt;
    if (const auto* number = value->integer()) return *number;
    if (const auto* text = value->string()) {
        std::int64_t number = 0;
        const auto [end, error] =
            std::from_chars(text->data(), text->data() + text->size(), number);
        if (error == std::errc() && end == text->data() + text->size()) return number;
    }
    return invalid_property(
        fmt::format("Properties validation failed: {} must be an integer", name));
}

std::optional<std::string> mode_property(const wire::Value& properties) {
    const wire::Value* details = properties.find("StreamModeDetails");
    if (!details || !details->find("StreamMode")) return std::nullopt;
    return wire::text_of(*details, "StreamMode");
}

// The key that StreamEncryption names.
Result<std::optional<std::string>> key_property(const wire::Value& properties) {
    const wire::Value* encryption = properties.find("StreamEncryption");
    if (!encryption || encryption->is_null()) return std::nullopt;
    std::string key = wire::text_of(*encryption, "KeyId");
    if (wire::text_of(*encryption, "EncryptionType") == "KMS" && !key.empty()) return key;
    return invalid_property(
        "Properties validation failed: StreamEncryption needs the EncryptionType KMS and a KeyId");
}

Result<NewStream> read_properties(const wire::Value& properties, std::string generated_name) {
    MILL_CHECK(check_known(stream_type, properties, known_properties));
    NewStream spec;
    spec.name = wire::text_of(properties, "Name", std::move(generated_name));
    if (!is_stream_name(spec.name)) {
        return invalid_property(fmt::format("{} is not a stream name: 1 to {} of a-z A-Z 0-9 _ . -",
                                            spec.name, limits::kinesis::name_length_max));
    }
    spec.mode = mode_property(properties);
    MILL_TRY(spec.shard_count, number_property(properties, "ShardCount"));
    MILL_TRY(const auto hours, number_property(properties, "RetentionPeriodHours"));
    MILL_TRY(const auto kib, number_property(properties, "MaxRecordSizeInKiB"));
    spec.retention_hours = hours.value_or(limits::kinesis::retention_hours_default);
    spec.record_kib_max = kib.value_or(limits::kinesis::record_kib_default);
    spec.tags = tags_property(properties);
    MILL_TRY(spec.key_id, key_property(properties));
    if (spec.shard_count && *spec.shard_count < 1)
        return invalid_property("ShardCount must be at least 1");
    if (spec.record_kib_max < limits::kinesis::record_kib_default ||
        spec.record_kib_max > limits::kinesis::record_kib_max) {
        return invalid_property(fmt::format("MaxRecordSizeInKiB must lie between {} and {}",
                                            limits::kinesis::record_kib_default,
                                            limits::kinesis::record_kib_max));
    }
    return spec;
}

ports::Resource describe(const StreamRow& row) {
    ports::Resource resource;
    resource.physical_id = row.name;
    resource.attributes["Arn"] = row.arn();
    return resource;
}

}  // namespace

std::map<std::string, std::string> tags_property(const wire::Value& properties) {
    std::map<std::string, std::string> tags;
    const wire::Value* list = properties.find("Tags");
    if (!list || !list->items()) return tags;
    for (const wire::Value& tag : *list->items())
        tags[wire::text_of(tag, "Key")] = wire::text_of(tag, "Value");
    return tags;
}

Result<void> check_known(std::string_view type, const wire::Value& properties,
                         std::span<const std::string_view> known) {
    if (!properties.members()) return {};
    for (const auto& [name, value] : *properties.members()) {
        if (std::ranges::find(known, name) != known.end()) continue;
        return invalid_property(
            fmt::format("{}: Millrace does not support the property {}", type, name));
    }
    return {};
}

bool is_stream_name(std::string_view name) {
    return !name.empty() &&
           name.size() <= static_cast<std::size_t>(limits::kinesis::name_length_max) &&
           std::ranges::all_of(name, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '_' || c == '.' || c == '-';
           });
}

std::span<const std::string_view> Kinesis::types() const { return provided_types; }

std::span<const std::string_view> Kinesis::create_only(std::string_view type) const {
    if (type == consumer_type) return consumer_create_only;
    return stream_create_only;
}

Task<Result<ports::Resource>> Kinesis::create(ports::ResourceRequest request) {
    if (request.type == consumer_type)
        co_return co_await create_consumer_resource(std::move(request));
    MILL_CO_TRY(auto spec, read_properties(request.properties, request.generated_name));
    MILL_CO_CHECK(check_retention(spec.retention_hours));
    MILL_CO_TRY(const auto stream, co_await create_stream(request.caller, std::move(spec)));
    co_await settled(stream);
    co_return describe(stream->row());
}

Task<void> Kinesis::settled(StreamPointer stream) {
    while (!stream->is("ACTIVE") && !stream->is_gone) co_await stream->changed().wait();
}

Task<Result<void>> Kinesis::reshape(StreamPointer stream, std::optional<std::string> mode,
                                    std::optional<std::int64_t> shard_count) {
    if (mode && *mode != stream->row().mode) {
        MILL_CO_CHECK(co_await update_mode(stream, *std::move(mode)));
        co_await settled(stream);
    }
    const auto open = static_cast<std::int64_t>(stream->open_shards().size());
    if (shard_count && *shard_count != open) {
        MILL_CO_CHECK(co_await update_shard_count(stream, *shard_count));
        co_await settled(stream);
    }
    co_return Result<void>();
}

Task<Result<void>> Kinesis::reencrypt(StreamPointer stream, std::optional<std::string> key,
                                      bool was_encrypted) {
    const StreamRow& row = stream->row();
    if (key && (!row.is_encrypted() || row.key_id != *key)) {
        MILL_CO_CHECK(co_await update_encryption(stream, "KMS", std::move(key)));
    } else if (!key && was_encrypted && row.is_encrypted()) {
        MILL_CO_CHECK(co_await update_encryption(stream, "NONE"));
    }
    co_await settled(stream);
    co_return Result<void>();
}

Task<Result<ports::Resource>> Kinesis::update(ports::ResourceRequest request,
                                              std::string physical_id, wire::Value old_properties) {
    if (request.type == consumer_type) {
        co_return co_await update_consumer_resource(std::move(request), std::move(physical_id),
                                                    std::move(old_properties));
    }
    const std::string name = wire::text_of(request.properties, "Name");
    if (name != wire::text_of(old_properties, "Name") && name != physical_id) {
        co_return fail("resource.replace", "the Name of a stream cannot change");
    }
    MILL_CO_TRY(const auto stream,
                find_stream(request.caller.account, request.caller.region, physical_id));
    MILL_CO_TRY(auto wanted, read_properties(request.properties, physical_id));
    MILL_CO_CHECK(check_retention(wanted.retention_hours));
    MILL_CO_CHECK(co_await reshape(stream, wanted.mode, wanted.shard_count));
    MILL_CO_CHECK(co_await reencrypt(stream, wanted.key_id,
                                     old_properties.find("StreamEncryption") != nullptr));
    const auto old_tags = tags_property(old_properties);
    const auto apply = [wanted = std::move(wanted), old_tags](StreamRow& row) -> Result<void> {
        row.retention_hours = wanted.retention_hours;
        row.record_kib_max = wanted.record_kib_max;
        for (const auto& [key, value] : old_tags)
            row.tags.erase(key);  // others than the template's stay
        for (const auto& [key, value] : wanted.tags) row.tags.insert_or_assign(key, value);
        return {};
    };
    MILL_CO_CHECK(co_await change_row(stream, apply));
    co_return describe(stream->row());
}

Task<Result<void>> Kinesis::remove(ports::ResourceRequest request, std::string physical_id) {
    if (request.type == consumer_type)
        co_return co_await remove_consumer_resource(std::move(physical_id));
    const auto stream = find_stream(request.caller.account, request.caller.region, physical_id);
    if (!stream) co_return Result<void>();
    MILL_CO_CHECK(co_await delete_stream(*stream));
    while (!(*stream)->is_gone) co_await (*stream)->changed().wait();
    co_return Result<void>();
}

}  // namespace mill::kinesis
