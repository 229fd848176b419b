// SPDX-License-Identifier: Apache-2.0
#include "services/ecr/declarations.h"

#include "wire/notation.h"

namespace mill::ecr {
namespace {

constexpr std::size_t tags_max = 50;
constexpr std::size_t key_characters_max = 128, value_characters_max = 256;

Failure invalid(std::string message) {
    return fail("InvalidParameterException", std::move(message), 400);
}

}  // namespace

Result<void> add_tags(Tags& tags, const std::optional<std::vector<Tag>>& added) {
    for (const Tag& tag : added.value_or(std::vector<Tag>())) {
        if (tag.key->empty() || wire::utf8_count(*tag.key) > key_characters_max ||
            wire::utf8_count(*tag.value) > value_characters_max) {
            return fail("InvalidTagParameterException",
                        fmt::format("A tag's key has 1 to {} characters, its value at most {}.",
                                    key_characters_max, value_characters_max),
                        400);
        }
        tags.insert_or_assign(*tag.key, *tag.value);
    }
    if (tags.size() <= tags_max) return {};
    return fail("TooManyTagsException", fmt::format("A repository has {} tags at most.", tags_max),
                400);
}

RepositoryDescription describe(const Repository& repository) {
    return {.arn = repository.arn(),
            .registry = repository.account,
            .name = repository.name,
            .uri = repository.uri(),
            .created = repository.created,
            .tag_mutability = repository.tag_mutability,
            .scanning = {repository.scans_on_push},
            .encryption = {repository.encryption, repository.kms_key}};
}

Result<PolicyOutput> policy_of(const Repository& repository) {
    if (repository.policy)
        return PolicyOutput{repository.account, repository.name, *repository.policy};
    return fail("RepositoryPolicyNotFoundException",
                fmt::format("Repository policy does not exist for the repository with name '{}' in "
                            "the registry with id '{}'",
                            repository.name, repository.account),
                400);
}

Result<LifecycleOutput> lifecycle_of(const Repository& repository) {
    if (repository.lifecycle_policy) {
        return LifecycleOutput{
            repository.account, repository.name, *repository.lifecycle_policy, {}};
    }
    return fail("LifecyclePolicyNotFoundException",
                fmt::format("Lifecycle policy does not exist for the repository with name '{}' in "
                            "the registry with id '{}'",
                            repository.name, repository.account),
                400);
}

Result<void> check_mutability(std::string_view mutability) {
    if (mutability == "MUTABLE" || mutability == "IMMUTABLE") return {};
    return invalid(
        fmt::format("Millrace does not support imageTagMutability {}: there are no images whose "
                    "tags could change. Choose MUTABLE or IMMUTABLE.",
                    mutability));
}

Result<void> check_policy(std::string_view member, std::string_view text) {
    const auto policy = wire::parse_json(text);
    if (policy && policy->members()) return {};
    return invalid(fmt::format(
        "Invalid parameter at '{}' failed to satisfy constraint: 'Invalid JSON provided'", member));
}

Result<std::string> after_token(const Text& token) {
    if (!token) return std::string();
    auto after = base64_decode(*token);
    if (!after)
        return invalid(
            "Invalid parameter at 'nextToken' failed to satisfy constraint: 'must be a token that "
            "an answer gave'");
    return *std::move(after);
}

}  // namespace mill::ecr
