// SPDX-License-Identifier: Apache-2.0
// AWS::ECR::Repository for CloudFormation.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
#include "services/ecr/declarations.h"
#include "services/ports/properties.h"

namespace mill::ecr {
namespace {

constexpr std::string_view all_types[] = {"AWS::ECR::Repository"};
constexpr std::string_view repository_create_only[] = {"RepositoryName", "EncryptionConfiguration"};

struct ScanningProperty {
    std::optional<bool> on_push;
    static constexpr auto shape() {
        return wire::structure("ImageScanningConfiguration",
                               wire::member<&ScanningProperty::on_push>("ScanOnPush"));
    }
};
struct EncryptionProperty {
    Text type, kms_key;
    static constexpr auto shape() {
        using P = EncryptionProperty;
        return wire::structure(
            "EncryptionConfiguration",
            wire::member<&P::type>("EncryptionType").required().one_of(encryptions),
            wire::member<&P::kms_key>("KmsKey"));
    }
};
struct LifecycleProperty {
    Text text, registry;
    static constexpr auto shape() {
        using P = LifecycleProperty;
        return wire::structure("LifecyclePolicy", wire::member<&P::text>("LifecyclePolicyText"),
                               wire::member<&P::registry>("RegistryId"));
    }
};
struct Properties {
    Text name, mutability;
    std::optional<ScanningProperty> scanning;
    std::optional<EncryptionProperty> encryption;
    std::optional<LifecycleProperty> lifecycle;
    std::optional<wire::Value> policy;
    std::optional<bool> empty_on_delete;
    std::optional<std::vector<Tag>> tags;

    static constexpr auto shape() {
        using P = Properties;
        using wire::member;
        return wire::structure(
            "AWS::ECR::Repository", member<&P::empty_on_delete>("EmptyOnDelete"),
            member<&P::encryption>("EncryptionConfiguration"),
            member<&P::scanning>("ImageScanningConfiguration"),
            member<&P::mutability>("ImageTagMutability").one_of(mutabilities),
            wire::refused("ImageTagMutabilityExclusionFilters",
                          "Leave it out: there are no images whose tags could change."),
            member<&P::lifecycle>("LifecyclePolicy"),
            member<&P::name>("RepositoryName").length(2, 256).pattern(name_pattern),
            member<&P::policy>("RepositoryPolicyText"), member<&P::tags>("Tags"));
    }
};

// All but what was set when it was made.
Result<void> apply(Repository& repository, const Properties& properties) {
    repository.tag_mutability = properties.mutability.value_or("MUTABLE");
    MILL_CHECK(check_mutability(repository.tag_mutability));
    repository.scans_on_push =
        properties.scanning ? properties.scanning->on_push.value_or(false) : false;
    repository.lifecycle_policy.reset();
    if (properties.lifecycle && properties.lifecycle->text) {
        MILL_CHECK(check_policy("LifecyclePolicyText", *properties.lifecycle->text));
        repository.lifecycle_policy = *properties.lifecycle->text;
    }
    repository.policy.reset();
    if (properties.policy) {
        repository.policy = properties.policy->string() ? *properties.policy->string()
                                                        : wire::write_json(*properties.policy);
        MILL_CHECK(check_policy("RepositoryPolicyText", *repository.policy));
    }
    return add_tags(repository.tags, properties.tags);
}

ports::Resource describe_resource(const Repository& repository) {
    ports::Resource resource{.physical_id = repository.name};
    resource.attributes["Arn"] = repository.arn();
    resource.attributes["RepositoryUri"] = repository.uri();
    return resource;
}

// Names of repositories have no capitals.
std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

}  // namespace

std::span<const std::string_view> Ecr::types() const { return all_types; }

std::span<const std::string_view> Ecr::create_only(std::string_view) const {
    return repository_create_only;
}

Task<Result<ports::Resource>> Ecr::create(ports::ResourceRequest request) {
    MILL_CO_TRY(const Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    Repository repository{.account = request.caller.account,
                          .region = request.caller.region,
                          .name = properties.name.value_or(lower(request.generated_name))};
    if (properties.encryption) {
        repository.encryption = *properties.encryption->type;
        repository.kms_key = properties.encryption->kms_key;
    }
    MILL_CO_CHECK(apply(repository, properties));
    MILL_CO_TRY(const Repository made, co_await add(std::move(repository)));
    co_return describe_resource(made);
}

Task<Result<ports::Resource>> Ecr::update(ports::ResourceRequest request, std::string physical_id,
                                          wire::Value old_properties) {
    for (const std::string_view fixed : repository_create_only) {
        if (ports::differ(request.properties, old_properties, {fixed}))
            co_return ports::needs_replacement(fixed);
    }
    MILL_CO_TRY(const Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(const Properties before,
                ports::read_properties<Properties>(std::move(old_properties)));
    MILL_CO_TRY(Repository repository, need(request.caller, std::nullopt, physical_id));
    for (const Tag& tag : before.tags.value_or(std::vector<Tag>())) repository.tags.erase(*tag.key);
    MILL_CO_CHECK(apply(repository, properties));
    MILL_CO_CHECK(co_await store(repository));
    co_return describe_resource(repository);
}

Task<Result<void>> Ecr::remove(ports::ResourceRequest request, std::string physical_id) {
    const auto repository = need(request.caller, std::nullopt, physical_id);
    if (!repository && repository.error().status != 0) co_return Result<void>();
    if (!repository) co_return std::unexpected(repository.error());
    co_return co_await drop(*repository);
}

}  // namespace mill::ecr
