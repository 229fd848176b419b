// SPDX-License-Identifier: Apache-2.0
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

constexpr std::size_t tags_max = 50;

}  // namespace

Result<void> add_tags(Tags& tags, const std::optional<std::vector<Tag>>& added) {
    for (const Tag& tag : added.value_or(std::vector<Tag>())) {
        if (tag.key->starts_with("aws:"))
            return fail("TagException", "Tags beginning with aws: are reserved", 400);
        tags.insert_or_assign(*tag.key, *tag.value);
    }
    if (tags.size() <= tags_max) return {};
    return fail("LimitExceededException", fmt::format("A key has {} tags at most.", tags_max), 400);
}

KeyMetadata describe(const Key& key) {
    KeyMetadata out{.account = key.account,
                    .id = key.id,
                    .arn = key.arn(),
                    .created = key.created,
                    .is_enabled = key.is_enabled && !key.deletion,
                    .description = key.description,
                    .usage = key.usage,
                    .state = key.deletion     ? "PendingDeletion"
                             : key.is_enabled ? "Enabled"
                                              : "Disabled",
                    .deletion = key.deletion,
                    .spec = key.spec};
    if (key.spec == "SYMMETRIC_DEFAULT")
        out.encryption_algorithms = std::vector<std::string>{"SYMMETRIC_DEFAULT"};
    return out;
}

Result<void> check_key(const Key& key) {
    const auto policy = wire::parse_json(key.policy);
    if (!policy || !policy->find("Statement")) {
        return fail("MalformedPolicyDocumentException",
                    "The new key policy will not allow you to update the key policy in the future.",
                    400);
    }
    const bool is_symmetric = key.spec == "SYMMETRIC_DEFAULT";
    if (!is_symmetric && key.rotation_days) {
        return fail(
            "UnsupportedOperationException",
            fmt::format("{} has the KeySpec {}. Only keys of SYMMETRIC_DEFAULT are rotated.",
                        key.arn(), key.spec),
            400);
    }
    if (!is_symmetric || key.usage == "ENCRYPT_DECRYPT") return {};
    return fail("ValidationException",
                fmt::format("KeyUsage {} is not compatible with KeySpec {}", key.usage, key.spec),
                400);
}

Result<void> check_alias_name(std::string_view name) {
    constexpr std::string_view start = "alias/";
    if (!name.starts_with(start) || name.size() == start.size())
        return fail("InvalidAliasNameException",
                    "Alias must start with the prefix \"alias/\". Please see "
                    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
                    400);
    if (name.starts_with("alias/aws/"))
        return fail("InvalidAliasNameException", fmt::format("{} is reserved for AWS", name), 400);
    return {};
}

Result<std::string> after_marker(const Text& marker) {
    if (!marker) return std::string();
    auto after = base64_decode(*marker);
    if (!after)
        return fail("InvalidMarkerException", "The marker is not one that an answer gave.", 400);
    return *std::move(after);
}

}  // namespace mill::kms
