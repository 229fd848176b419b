// SPDX-License-Identifier: Apache-2.0
#include "services/s3/resource_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/s3/settings/accelerate.h"
#include "services/s3/settings/cors.h"
#include "services/s3/settings/encryption.h"
#include "services/s3/settings/lifecycle.h"
#include "services/s3/settings/logging.h"
#include "services/s3/settings/notifications.h"
#include "services/s3/settings/ownership_controls.h"
#include "services/s3/settings/public_access_block.h"
#include "services/s3/settings/tagging.h"
#include "services/s3/settings/versioning.h"

namespace mill::s3 {
namespace {

using wire::Value;

// CloudFormation's names and the API's, where they differ.
using Names = std::span<const std::pair<std::string_view, std::string_view>>;

constexpr std::pair<std::string_view, std::string_view> encryption_names[] = {
    {"ServerSideEncryptionConfiguration", "Rule"},
    {"ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault"}};
constexpr std::pair<std::string_view, std::string_view> ownership_names[] = {{"Rules", "Rule"}};
constexpr std::pair<std::string_view, std::string_view> cors_names[] = {
    {"CorsRules", "CORSRule"},           {"AllowedHeaders", "AllowedHeader"},
    {"AllowedMethods", "AllowedMethod"}, {"AllowedOrigins", "AllowedOrigin"},
    {"ExposedHeaders", "ExposeHeader"},  {"Id", "ID"},
    {"MaxAge", "MaxAgeSeconds"}};
constexpr std::pair<std::string_view, std::string_view> logging_names[] = {
    {"DestinationBucketName", "TargetBucket"}, {"LogFilePrefix", "TargetPrefix"}};
constexpr std::pair<std::string_view, std::string_view> accelerate_names[] = {
    {"AccelerationStatus", "Status"}};

Value renamed(const Value& value, Names names) {
    if (const auto* items = value.items()) {
        Value list = Value::list();
        for (const Value& item : *items) list.push_back(renamed(item, names));
        return list;
    }
    if (!value.members()) return value;
    Value map = Value::map();
    for (const auto& [name, member] : *value.members()) {
        const auto at =
            std::ranges::find(names, name, &std::pair<std::string_view, std::string_view>::first);
        map[at == names.end() ? std::string_view(name) : at->second] = renamed(member, names);
    }
    return map;
}

// Also within one map, whose members move when one is added.
void move_member(Value& from, std::string_view name, Value& to, std::string_view new_name) {
    if (Value* member = from.find(name)) {
        Value moved = *std::move(member);
        from.erase(name);
        to[new_name] = std::move(moved);
    }
}

// What filters a rule: one thing stands alone, several stand in "And".
Value lifecycle_filter(Value& rule) {
    Value parts = Value::map();
    move_member(rule, "Prefix", parts, "Prefix");
    move_member(rule, "ObjectSizeGreaterThan", parts, "ObjectSizeGreaterThan");
    move_member(rule, "ObjectSizeLessThan", parts, "ObjectSizeLessThan");
    move_member(rule, "TagFilters", parts, "Tag");
    Value* tags = parts.find("Tag");
    const std::size_t tag_count = tags && tags->items() ? tags->items()->size() : 0;
    if (tags && tag_count == 0) parts.erase("Tag");
    if (parts.members()->size() <= 1 && tag_count <= 1) {
        if (tag_count == 1) *tags = Value(tags->items()->front());
        return parts;
    }
    Value all = Value::map();
    all["And"] = std::move(parts);
    return all;
}

void rename_transition(Value& transition) {
    move_member(transition, "TransitionInDays", transition, "Days");
    move_member(transition, "TransitionDate", transition, "Date");
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-rule.html
Value lifecycle_rule(Value rule) {
    Value out = Value::map();
    out["Filter"] = lifecycle_filter(rule);
    Value expiration = Value::map();
    move_member(rule, "ExpirationInDays", expiration, "Days");
    move_member(rule, "ExpirationDate", expiration, "Date");
    move_member(rule, "ExpiredObjectDeleteMarker", expiration, "ExpiredObjectDeleteMarker");
    if (!expiration.members()->empty()) out["Expiration"] = std::move(expiration);
    if (Value* days = rule.find("NoncurrentVersionExpirationInDays")) {
        out["NoncurrentVersionExpiration"]["NoncurrentDays"] = *std::move(days);
        rule.erase("NoncurrentVersionExpirationInDays");
    }
    for (const auto& [list, one] :
         {std::pair("Transitions", "Transition"),
          std::pair("NoncurrentVersionTransitions", "NoncurrentVersionTransition")}) {
        Value& into = out[one] = Value::list();
        if (const Value* single = rule.find(one)) into.push_back(*single);
        const Value* several = rule.find(list);
        if (several && several->items()) {
            for (const Value& each : *several->items()) into.push_back(each);
        }
        for (Value& transition : *into.items()) {
            if (std::string_view(one) == "Transition") {
                rename_transition(transition);
            } else {
                move_member(transition, "TransitionInDays", transition, "NoncurrentDays");
            }
        }
        rule.erase(list);
        rule.erase(one);
    }
    move_member(rule, "Id", out, "ID");
    for (auto& [name, member] : *rule.members()) out[name] = std::move(member);
    return out;
}

Value lifecycle(const Value& property) {
    Value out = Value::map();
    Value& rules = out["Rule"] = Value::list();
    const Value* given = property.find("Rules");
    if (!given || !given->items()) return out;
    for (const Value& rule : *given->items()) {
        if (rule.members()) rules.push_back(lifecycle_rule(rule));
    }
    return out;
}

Value tag_set(const Value& property) {
    Value out = Value::map();
    out["TagSet"]["Tag"] = property;
    return out;
}

Value logging(const Value& property) {
    Value out = Value::map();
    Value& enabled = out["LoggingEnabled"] = renamed(property, logging_names);
    if (!enabled.find("TargetPrefix")) enabled["TargetPrefix"] = "";
    return out;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-notificationconfiguration.html
Value notification_filter(const Value& filter) {
    Value out = Value::map();
    Value& rules = out["S3Key"]["FilterRule"] = Value::list();
    const Value* key = filter.find("S3Key");
    const Value* given = key ? key->find("Rules") : nullptr;
    if (!given || !given->items()) return out;
    for (Value rule : *given->items()) {
        std::string name = wire::text_of(rule, "Name");
        for (char& c : name) c = static_cast<char>(c | 0x20);  // "Prefix" or "prefix"
        rule["Name"] = std::move(name);
        rules.push_back(std::move(rule));
    }
    return out;
}

Value notifications(const Value& property) {
    static constexpr std::array<std::string_view, 3> lists[] = {
        {"LambdaConfigurations", "CloudFunctionConfiguration", "Function"},
        {"QueueConfigurations", "QueueConfiguration", "Queue"},
        {"TopicConfigurations", "TopicConfiguration", "Topic"}};
    Value out = Value::map();
    if (const Value* bus = property.find("EventBridgeConfiguration"))
        out["EventBridgeConfiguration"] = *bus;
    for (const auto& [list, element, destination] : lists) {
        const Value* given = property.find(list);
        if (!given || !given->items()) continue;
        for (const Value& one : *given->items()) {
            Value to = Value::map();
            if (const Value* event = one.find("Event")) to["Event"].push_back(*event);
            if (const Value* arn = one.find(destination))
                to[destination == "Function" ? "CloudFunction" : destination] = *arn;
            if (const Value* filter = one.find("Filter"))
                to["Filter"] = notification_filter(*filter);
            out[element].push_back(std::move(to));
        }
    }
    return out;
}

// One property: how it becomes the document of the API, and which setting that is.
struct Property {
    std::string_view name;
    Task<Result<void>> (*put)(S3& s3, Bucket bucket, Value property);
    Task<Result<void>> (*reset)(S3& s3, std::string bucket);
};

template <class T>
Result<T> decoded(Value document) {
    T setting;
    MILL_CHECK(wire::decode(wire::structure_of<T>(), &setting, document));
    MILL_CHECK(wire::check(wire::structure_of<T>(), &setting));
    return setting;
}

template <class T, auto Convert>
Task<Result<void>> put_property(S3& s3, Bucket bucket, Value property) {
    MILL_CO_TRY(T setting, decoded<T>(Convert(property)));
    co_return co_await store_setting(s3, std::move(bucket), std::move(setting));
}

Task<Result<void>> put_notifications(S3& s3, Bucket bucket, Value property) {
    MILL_CO_TRY(auto wanted, decoded<Notifications>(notifications(property)));
    co_return co_await store_notifications(s3, std::move(bucket), std::move(wanted), true);
}

template <class T, auto Convert>
constexpr Property property(std::string_view name) {
    return {name, &put_property<T, Convert>, &reset_setting<T>};
}
// A bucket that once kept versions never goes back to none.
Task<Result<void>> suspend_versioning(S3& s3, std::string bucket) {
    return s3.put_setting(std::move(bucket), std::string(Versioning::query),
                          wire::to_json(Versioning{"Suspended"}));
}
template <const auto& Table>
Value by_names(const Value& value) {
    return renamed(value, Table);
}
constexpr std::pair<std::string_view, std::string_view> same_names[] = {{"", ""}};

constexpr Property settings[] = {
    {"VersioningConfiguration", &put_property<Versioning, by_names<same_names>>,
     &suspend_versioning},
    property<Tagging, tag_set>("Tags"),
    property<Encryption, by_names<encryption_names>>("BucketEncryption"),
    property<PublicAccessBlock, by_names<same_names>>("PublicAccessBlockConfiguration"),
    property<OwnershipControls, by_names<ownership_names>>("OwnershipControls"),
    property<Lifecycle, lifecycle>("LifecycleConfiguration"),
    {"NotificationConfiguration", &put_notifications, &reset_setting<Notifications>},
    property<Cors, by_names<cors_names>>("CorsConfiguration"),
    property<Logging, logging>("LoggingConfiguration"),
    property<Accelerate, by_names<accelerate_names>>("AccelerateConfiguration"),
};

bool is_false(const Value& value) {
    return value.is_null() || value == Value(false) || value == Value("false");
}

}  // namespace

Result<void> check_bucket_properties(const Value& properties) {
    if (!properties.members()) return {};
    for (const auto& [name, value] : *properties.members()) {
        const bool is_setting =
            std::ranges::find(settings, name, &Property::name) != std::ranges::end(settings);
        const bool is_harmless = (name == "AccessControl" && value == Value("Private")) ||
                                 (name == "ObjectLockEnabled" && is_false(value)) ||
                                 name == "BucketName" || value.is_null();
        if (is_setting || is_harmless) continue;
        return fail("ValidationException",
                    fmt::format("AWS::S3::Bucket: Millrace does not support the property {}", name),
                    400);
    }
    return {};
}

Task<Result<void>> apply_properties(S3& s3, Bucket bucket, Value properties, Value old_properties) {
    for (const Property& setting : settings) {
        const Value* wanted = properties.find(setting.name);
        const Value* before = old_properties.find(setting.name);
        if (wanted && before && *wanted == *before) continue;
        if (wanted && !wanted->is_null()) {
            MILL_CO_CHECK(co_await setting.put(s3, bucket, *wanted));
        } else if (before) {
            MILL_CO_CHECK(co_await setting.reset(s3, bucket.name));
        }
    }
    co_return Result<void>();
}

}  // namespace mill::s3
