// SPDX-License-Identifier: Apache-2.0
// AWS::IAM::Role and AWS::IAM::InstanceProfile.
#include "services/iam/resources/resources.h"

namespace mill::iam {
namespace {

constexpr std::string_view role_create_only[] = {"RoleName", "Path"};
constexpr std::string_view profile_create_only[] = {"InstanceProfileName", "Path"};

struct RoleProperties {
    std::optional<wire::Value> trust;
    Text name, path, description, boundary;
    Names attached;
    std::optional<std::int64_t> max_session_seconds;
    InlinePolicyProperties policies;
    std::optional<TagList> tags;

    static constexpr auto shape() {
        using P = RoleProperties;
        return wire::structure(
            "AWS::IAM::Role", wire::member<&P::trust>("AssumeRolePolicyDocument").required(),
            wire::member<&P::description>("Description").length(0, 1000),
            wire::member<&P::attached>("ManagedPolicyArns"),
            max_session_member<&P::max_session_seconds>(), path_member<&P::path>(),
            arn_member<&P::boundary>("PermissionsBoundary"), wire::member<&P::policies>("Policies"),
            name_member<&P::name>("RoleName", Role::name_length_max), tags_member<&P::tags>());
    }
    PolicyProperties given() const { return {policies, attached}; }
};

ports::Resource describe_resource(const Role& role) {
    ports::Resource resource = resource_of(role.name);
    resource.attributes["Arn"] = role.arn;
    resource.attributes["RoleId"] = role.id;
    return resource;
}

Task<Result<ports::Resource>> create_role_resource(Iam& iam, ports::ResourceRequest request) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(RoleProperties properties,
                ports::read_properties<RoleProperties>(std::move(request.properties)));
    MILL_CO_TRY(Tags tags, tags_of(properties.tags));
    storage::Table::Commit commit;
    RoleDraft draft{
        .name = properties.name.value_or(fitted(request.generated_name, Role::name_length_max)),
        .path = properties.path,
        .description = properties.description,
        .boundary = properties.boundary,
        .trust = document_text(*properties.trust),
        .max_session_seconds = properties.max_session_seconds,
        .tags = std::move(tags)};
    MILL_CO_TRY(Role role, make_role(iam, account, std::move(draft), commit));
    MILL_CO_CHECK(apply(iam, account, role, {}, properties.given(), commit));
    put(commit, account, role);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return describe_resource(role);
}

Result<void> change(const Iam& iam, const std::string& account, Role& role,
                    const RoleProperties& before, const RoleProperties& now,
                    storage::Table::Commit& commit) {
    std::string trust = document_text(*now.trust);
    MILL_CHECK(check_document(trust, PolicyKind::trust));
    role.assume_role_policy = std::move(trust);
    role.description = now.description;
    role.max_session_seconds = now.max_session_seconds.value_or(Role().max_session_seconds);
    MILL_CHECK(set_boundary(iam, account, role, now.boundary, commit));
    MILL_CHECK(apply(iam, account, role, before.given(), now.given(), commit));
    return apply_tags(role.tags, before.tags, now.tags);
}

Task<Result<void>> remove_role_resource(Iam& iam, ports::ResourceRequest request,
                                        std::string physical_id) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(auto role, iam.find<Role>(account, physical_id));
    if (!role) co_return Result<void>();
    storage::Table::Commit commit;
    const auto given = ports::read_properties<RoleProperties>(std::move(request.properties));
    if (given) MILL_CO_CHECK(apply(iam, account, *role, given->given(), {}, commit));
    MILL_CO_CHECK(remove_role(iam, account, *role, commit));
    co_return co_await iam.commit(std::move(commit));
}

struct ProfileProperties {
    Text name, path;
    Names roles;

    static constexpr auto shape() {
        using P = ProfileProperties;
        return wire::structure(
            "AWS::IAM::InstanceProfile", name_member<&P::name>("InstanceProfileName"),
            path_member<&P::path>(), wire::member<&P::roles>("Roles").required().length(1, 1));
    }
};

ports::Resource describe_resource(const InstanceProfile& profile) {
    ports::Resource resource = resource_of(profile.name);
    resource.attributes["Arn"] = profile.arn;
    return resource;
}

Task<Result<ports::Resource>> create_profile_resource(Iam& iam, ports::ResourceRequest request) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(ProfileProperties properties,
                ports::read_properties<ProfileProperties>(std::move(request.properties)));
    MILL_CO_TRY(const Role role, iam.need<Role>(account, properties.roles->front()));
    MILL_CO_TRY(InstanceProfile profile,
                make_profile(iam, account, properties.name.value_or(request.generated_name),
                             properties.path));
    storage::Table::Commit commit;
    MILL_CO_CHECK(put_in_profile(account, profile, role, commit));
    put(commit, account, profile);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return describe_resource(profile);
}

Task<Result<ports::Resource>> update_profile_resource(Iam& iam, ports::ResourceRequest request,
                                                      std::string physical_id, wire::Value) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(ProfileProperties properties,
                ports::read_properties<ProfileProperties>(std::move(request.properties)));
    MILL_CO_TRY(auto profile, iam.need<InstanceProfile>(account, physical_id));
    MILL_CO_TRY(const Role role, iam.need<Role>(account, properties.roles->front()));
    if (profile.role == role.name) co_return describe_resource(profile);
    storage::Table::Commit commit;
    take_from_profile(account, profile, commit);
    MILL_CO_CHECK(put_in_profile(account, profile, role, commit));
    put(commit, account, profile);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return describe_resource(profile);
}

Task<Result<void>> remove_profile_resource(Iam& iam, ports::ResourceRequest request,
                                           std::string physical_id) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(auto profile, iam.find<InstanceProfile>(account, physical_id));
    if (!profile) co_return Result<void>();
    storage::Table::Commit commit;
    take_from_profile(account, *profile, commit);
    erase(commit, account, *profile);
    co_return co_await iam.commit(std::move(commit));
}

}  // namespace

const ResourceType role_resource{"AWS::IAM::Role", role_create_only, &create_role_resource,
                                 &update_row<Role, RoleProperties, &change, &describe_resource>,
                                 &remove_role_resource};
const ResourceType instance_profile_resource{"AWS::IAM::InstanceProfile", profile_create_only,
                                             &create_profile_resource, &update_profile_resource,
                                             &remove_profile_resource};

}  // namespace mill::iam
