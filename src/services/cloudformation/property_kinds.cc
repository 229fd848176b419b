// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/property_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "services/cloudformation/intrinsics.h"

namespace mill::cloudformation {
namespace {

using wire::Value;

enum class Kind { text, list, map };

constexpr std::string_view stream_mode[] = {"StreamMode"};
constexpr std::string_view acceleration[] = {"AccelerationStatus"};
constexpr std::string_view notifications[] = {"EventBridgeConfiguration", "LambdaConfigurations",
                                              "QueueConfigurations", "TopicConfigurations"};
constexpr std::string_view public_access[] = {"BlockPublicAcls", "BlockPublicPolicy",
                                              "IgnorePublicAcls", "RestrictPublicBuckets"};

struct Property {
    std::string_view type;
    std::string_view name;
    Kind kind;
    std::span<const std::string_view> members = {};  // of a map
};
constexpr Property properties_of_kinds[] = {
    {"AWS::Kinesis::Stream", "Name", Kind::text},
    {"AWS::Kinesis::Stream", "StreamModeDetails", Kind::map, stream_mode},
    {"AWS::Kinesis::Stream", "Tags", Kind::list},
    {"AWS::SQS::Queue", "QueueName", Kind::text},
    {"AWS::SQS::Queue", "KmsMasterKeyId", Kind::text},
    {"AWS::SQS::Queue", "Tags", Kind::list},
    {"AWS::SNS::Topic", "TopicName", Kind::text},
    {"AWS::SNS::Topic", "DisplayName", Kind::text},
    {"AWS::SNS::Topic", "KmsMasterKeyId", Kind::text},
    {"AWS::SNS::Topic", "Subscription", Kind::list},
    {"AWS::SNS::Topic", "Tags", Kind::list},
    {"AWS::S3::Bucket", "BucketName", Kind::text},
    {"AWS::S3::Bucket", "AccelerateConfiguration", Kind::map, acceleration},
    {"AWS::S3::Bucket", "NotificationConfiguration", Kind::map, notifications},
    {"AWS::S3::Bucket", "PublicAccessBlockConfiguration", Kind::map, public_access},
};

std::string_view expected(Kind kind) {
    if (kind == Kind::text) return "String";
    return kind == Kind::list ? "JSONArray" : "JSONObject";
}

std::string_view found(const Value& value) {
    if (value.members()) return "JSONObject";
    if (value.items()) return "JSONArray";
    if (value.boolean()) return "Boolean";
    return value.string() ? "String" : "Number";
}

bool fits(const Value& value, Kind kind) {
    if (kind == Kind::text) return scalar_text(value).has_value();
    return kind == Kind::list ? value.items() != nullptr : value.members() != nullptr;
}

Failure invalid(const std::string& logical_id, std::string text) {
    return fail("ValidationError",
                fmt::format("Properties validation failed for resource {} with message: {}",
                            logical_id, text),
                400);
}

Result<void> check(const std::string& logical_id, const Property& property, const Value& value) {
    if (!fits(value, property.kind)) {
        return invalid(logical_id, fmt::format("#/{}: expected type: {}, found: {}", property.name,
                                               expected(property.kind), found(value)));
    }
    if (property.kind != Kind::map) return {};
    for (const auto& [name, member] : *value.members()) {
        if (std::ranges::find(property.members, name) != property.members.end()) continue;
        return invalid(logical_id, fmt::format("#/{}: extraneous key [{}] is not permitted",
                                               property.name, name));
    }
    return {};
}

}  // namespace

Result<void> check_property_kinds(const std::string& logical_id, const std::string& type,
                                  const Value& properties) {
    for (const Property& property : properties_of_kinds) {
        if (property.type != type) continue;
        const Value* value = properties.find(property.name);
        if (value && !value->is_null()) MILL_CHECK(check(logical_id, property, *value));
    }
    return {};
}

}  // namespace mill::cloudformation
