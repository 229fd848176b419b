// SPDX-License-Identifier: Apache-2.0
// AWS::KMS::Key and AWS::KMS::Alias for CloudFormation.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_KMS.html
#include "services/kms/declarations.h"
#include "services/ports/properties.h"

namespace mill::kms {
namespace {

constexpr std::string_view key_type = "AWS::KMS::Key", alias_type = "AWS::KMS::Alias";
constexpr std::string_view all_types[] = {key_type, alias_type};
constexpr std::string_view key_create_only[] = {"KeySpec", "KeyUsage"};
constexpr std::string_view alias_create_only[] = {"AliasName"};
constexpr std::int64_t rotation_days_default = 365, deletion_days_default = 30;

struct TagProperty {
    Text key, value;
    static constexpr auto shape() {
        return wire::structure("Tag", wire::member<&TagProperty::key>("Key").required(),
                               wire::member<&TagProperty::value>("Value").required());
    }
};
struct KeyProperties {
    Text description, spec, usage;
    std::optional<wire::Value> policy;
    std::optional<bool> is_enabled, rotates, bypass;
    std::optional<std::int64_t> deletion_days, rotation_days;
    std::optional<std::vector<TagProperty>> tags;

    static constexpr auto shape() {
        using P = KeyProperties;
        using wire::member;
        return wire::structure(
            "AWS::KMS::Key", member<&P::bypass>("BypassPolicyLockoutSafetyCheck"),
            member<&P::description>("Description").length(0, 8192),
            member<&P::is_enabled>("Enabled"), member<&P::rotates>("EnableKeyRotation"),
            member<&P::policy>("KeyPolicy"), member<&P::spec>("KeySpec").one_of(specs),
            member<&P::usage>("KeyUsage").one_of(usages),
            wire::refused("MultiRegion", "Leave it out: a key is in one region."),
            wire::refused("Origin", "Leave it out: keys have no material.").unless("AWS_KMS"),
            member<&P::deletion_days>("PendingWindowInDays").range(7, 30),
            member<&P::rotation_days>("RotationPeriodInDays").range(90, 2560),
            member<&P::tags>("Tags"));
    }
};

Tags tags_of(const KeyProperties& properties) {
    Tags tags;
    for (const TagProperty& tag : properties.tags.value_or(std::vector<TagProperty>()))
        tags[*tag.key] = *tag.value;
    return tags;
}

Text policy_of(const KeyProperties& properties) {
    if (!properties.policy) return std::nullopt;
    const wire::Value& policy = *properties.policy;
    return policy.string() ? *policy.string() : wire::write_json(policy);
}

std::optional<std::int64_t> rotation_of(const KeyProperties& properties) {
    if (!properties.rotates.value_or(false)) return std::nullopt;
    return properties.rotation_days.value_or(rotation_days_default);
}

ports::Resource describe_resource(const Key& key) {
    ports::Resource resource{.physical_id = key.id};
    resource.attributes["Arn"] = key.arn();
    resource.attributes["KeyId"] = key.id;
    return resource;
}

struct AliasProperties {
    Text name, key;
    static constexpr auto shape() {
        return wire::structure("AWS::KMS::Alias", alias_member<&AliasProperties::name>(),
                               key_member<&AliasProperties::key>("TargetKeyId").required());
    }
};

Task<Result<ports::Resource>> create_key(Kms& kms, ports::ResourceRequest request) {
    MILL_CO_TRY(const KeyProperties properties,
                ports::read_properties<KeyProperties>(std::move(request.properties)));
    KeyDraft draft{.description = properties.description,
                   .policy = policy_of(properties),
                   .usage = properties.usage,
                   .spec = properties.spec,
                   .is_enabled = properties.is_enabled.value_or(true),
                   .rotation_days = rotation_of(properties),
                   .tags = tags_of(properties)};
    MILL_CO_TRY(const Key key, co_await kms.add(request.caller, std::move(draft)));
    co_return describe_resource(key);
}

Task<Result<ports::Resource>> update_key(Kms& kms, ports::ResourceRequest request,
                                         std::string physical_id, wire::Value old_properties) {
    MILL_CO_TRY(const KeyProperties now,
                ports::read_properties<KeyProperties>(std::move(request.properties)));
    MILL_CO_TRY(const KeyProperties before,
                ports::read_properties<KeyProperties>(std::move(old_properties)));
    MILL_CO_TRY(Key key, kms.need_living(request.caller, physical_id));
    key.description = now.description.value_or("");
    key.policy = policy_of(now).value_or(key.policy);
    key.is_enabled = now.is_enabled.value_or(true);
    key.rotation_days = rotation_of(now);
    MILL_CO_CHECK(check_key(key));
    for (const auto& [name, value] : tags_of(before)) key.tags.erase(name);
    for (const auto& [name, value] : tags_of(now)) key.tags.insert_or_assign(name, value);
    MILL_CO_CHECK(co_await kms.store(key));
    co_return describe_resource(key);
}

// As AWS does: the key waits for its deletion.
Task<Result<void>> remove_key(Kms& kms, ports::ResourceRequest request, std::string physical_id) {
    auto key = kms.need(request.caller, physical_id);
    if (!key && key.error().status != 0) co_return Result<void>();
    if (!key) co_return std::unexpected(key.error());
    if (key->deletion) co_return Result<void>();
    const auto properties = ports::read_properties<KeyProperties>(std::move(request.properties));
    const std::int64_t days = properties ? properties->deletion_days.value_or(deletion_days_default)
                                         : deletion_days_default;
    key->deletion = kms.now() + std::chrono::days(days);
    co_return co_await kms.store(*std::move(key));
}

}  // namespace

std::span<const std::string_view> Kms::types() const { return all_types; }

std::span<const std::string_view> Kms::create_only(std::string_view type) const {
    if (type == key_type) return key_create_only;
    return alias_create_only;
}

Task<Result<ports::Resource>> Kms::create(ports::ResourceRequest request) {
    if (request.type == key_type) co_return co_await create_key(*this, std::move(request));
    MILL_CO_TRY(AliasProperties alias,
                ports::read_properties<AliasProperties>(std::move(request.properties)));
    MILL_CO_CHECK(co_await add_alias(request.caller, *alias.name, *alias.key));
    co_return ports::Resource{.physical_id = *alias.name};
}

Task<Result<ports::Resource>> Kms::update(ports::ResourceRequest request, std::string physical_id,
                                          wire::Value old_properties) {
    for (const std::string_view fixed : create_only(request.type)) {
        if (ports::differ(request.properties, old_properties, {fixed}))
            co_return ports::needs_replacement(fixed);
    }
    if (request.type == key_type) {
        co_return co_await update_key(*this, std::move(request), std::move(physical_id),
                                      std::move(old_properties));
    }
    MILL_CO_TRY(AliasProperties alias,
                ports::read_properties<AliasProperties>(std::move(request.properties)));
    MILL_CO_CHECK(co_await move_alias(request.caller, physical_id, *alias.key));
    co_return ports::Resource{.physical_id = std::move(physical_id)};
}

Task<Result<void>> Kms::remove(ports::ResourceRequest request, std::string physical_id) {
    if (request.type == key_type)
        co_return co_await remove_key(*this, std::move(request), std::move(physical_id));
    MILL_CO_TRY(const auto alias, find_alias(request.caller, physical_id));
    if (!alias) co_return Result<void>();
    co_return co_await drop_alias(request.caller, std::move(physical_id));
}

}  // namespace mill::kms
