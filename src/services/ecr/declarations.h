// SPDX-License-Identifier: Apache-2.0
// Shapes that ECR's operations share, and its rules.
#pragma once

#include <fmt/format.h>

#include "services/ecr/ecr.h"

namespace mill::ecr {

inline constexpr std::string_view name_pattern =
    R"([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*)";
inline constexpr std::string_view mutabilities[] = {
    "MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"};
inline constexpr std::string_view encryptions[] = {"AES256", "KMS", "KMS_DSSE"};

template <auto Pointer>
constexpr wire::Member registry_member() {
    return wire::member<Pointer>("registryId").pattern("[0-9]{12}");
}
template <auto Pointer>
constexpr wire::Member name_member() {
    return wire::member<Pointer>("repositoryName").required().length(2, 256).pattern(name_pattern);
}
constexpr wire::Member refused_exclusions() {
    return wire::refused("imageTagMutabilityExclusionFilters",
                         "Leave it out: there are no images whose tags could change.");
}

struct Tag {
    Text key, value;
    static constexpr auto shape() {
        return wire::structure("Tag", wire::member<&Tag::key>("Key").required(),
                               wire::member<&Tag::value>("Value").required());
    }
};
// InvalidTagParameterException, TooManyTagsException.
Result<void> add_tags(Tags& tags, const std::optional<std::vector<Tag>>& added);

struct Scanning {
    std::optional<bool> on_push;
    static constexpr auto shape() {
        return wire::structure("ImageScanningConfiguration",
                               wire::member<&Scanning::on_push>("scanOnPush"));
    }
};
struct Encryption {
    Text type, kms_key;
    static constexpr auto shape() {
        using E = Encryption;
        return wire::structure(
            "EncryptionConfiguration",
            wire::member<&E::type>("encryptionType").required().one_of(encryptions),
            wire::member<&E::kms_key>("kmsKey").length(1, 2048));
    }
};
struct RepositoryDescription {
    std::string arn, registry, name, uri;
    WallTime created;
    std::string tag_mutability;
    Scanning scanning;
    Encryption encryption;

    static constexpr auto shape() {
        using R = RepositoryDescription;
        using wire::member;
        return wire::structure(
            "Repository", member<&R::arn>("repositoryArn"), member<&R::registry>("registryId"),
            member<&R::name>("repositoryName"), member<&R::uri>("repositoryUri"),
            member<&R::created>("createdAt"), member<&R::tag_mutability>("imageTagMutability"),
            member<&R::scanning>("imageScanningConfiguration"),
            member<&R::encryption>("encryptionConfiguration"));
    }
};
RepositoryDescription describe(const Repository& repository);

// Of a repository, found by name.
struct RepositoryInput {
    Text registry, name;
    static constexpr auto shape() {
        using I = RepositoryInput;
        return wire::structure("RepositoryRequest", registry_member<&I::registry>(),
                               name_member<&I::name>());
    }
};
struct PolicyOutput {
    std::string registry, name, policy;
    static constexpr auto shape() {
        using O = PolicyOutput;
        return wire::structure("RepositoryPolicyResponse", wire::member<&O::registry>("registryId"),
                               wire::member<&O::name>("repositoryName"),
                               wire::member<&O::policy>("policyText"));
    }
};
struct LifecycleOutput {
    std::string registry, name, policy;
    std::optional<WallTime> evaluated;  // never: there is nothing to expire
    static constexpr auto shape() {
        using O = LifecycleOutput;
        return wire::structure("LifecyclePolicyResponse", wire::member<&O::registry>("registryId"),
                               wire::member<&O::name>("repositoryName"),
                               wire::member<&O::policy>("lifecyclePolicyText"),
                               wire::member<&O::evaluated>("lastEvaluatedAt"));
    }
};
// RepositoryPolicyNotFoundException, LifecyclePolicyNotFoundException.
Result<PolicyOutput> policy_of(const Repository& repository);
Result<LifecycleOutput> lifecycle_of(const Repository& repository);

// InvalidParameterException.
Result<void> check_mutability(std::string_view mutability);
Result<void> check_policy(std::string_view member, std::string_view text);
Result<std::string> after_token(const Text& token);

}  // namespace mill::ecr
