// SPDX-License-Identifier: Apache-2.0
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

constexpr std::size_t policy_characters_max = 6'144;
constexpr std::size_t groups_max = 10;
constexpr std::size_t keys_max = 2;

Result<void> check_size(std::string_view document) {
    const auto counted = std::ranges::count_if(
        document, [](char c) { return c != ' ' && c != '\n' && c != '\t' && c != '\r'; });
    if (static_cast<std::size_t>(counted) <= policy_characters_max) return {};
    return limit_exceeded(
        fmt::format("Cannot exceed quota for PolicySize: {}", policy_characters_max));
}

}  // namespace

Result<void> check_attachable(const Iam& iam, const std::string& account, const std::string& arn) {
    MILL_CHECK(check_policy_arn(arn));
    if (is_aws_policy(arn) || iam.need_policy(account, arn)) return {};
    return no_such_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
}

Result<ManagedPolicy> make_policy(Iam& iam, const std::string& account, PolicyDraft draft) {
    MILL_CHECK(check_document(draft.document, PolicyKind::identity));
    MILL_CHECK(check_size(draft.document));
    MILL_CHECK(check_tags(draft.tags));
    MILL_TRY(const auto known, iam.find<ManagedPolicy>(account, draft.name));
    if (known) {
        return already_exists(fmt::format(
            "A policy called {} already exists. Duplicate names are not allowed.", draft.name));
    }
    auto policy = new_row<ManagedPolicy>(iam, account, "policy", std::move(draft.name), draft.path);
    policy.description = std::move(draft.description);
    policy.updated = policy.created;
    policy.versions.push_back({"v1", std::move(draft.document), policy.created});
    policy.default_version = "v1";
    policy.tags = std::move(draft.tags);
    return policy;
}

Result<PolicyVersion> add_version(const Iam& iam, ManagedPolicy& policy, std::string document,
                                  bool as_default) {
    MILL_CHECK(check_document(document, PolicyKind::identity));
    MILL_CHECK(check_size(document));
    if (policy.versions.size() >= versions_max) {
        return limit_exceeded(
            fmt::format("A managed policy can have up to {} versions. Before you create a new "
                        "version, you must delete an existing version.",
                        versions_max));
    }
    PolicyVersion version{fmt::format("v{}", policy.next_version++), std::move(document),
                          iam.now()};
    if (as_default) policy.default_version = version.id;
    policy.updated = version.created;
    policy.versions.push_back(version);
    return version;
}

Result<const PolicyVersion*> version_of(const ManagedPolicy& policy, const std::string& id) {
    const auto found = std::ranges::find(policy.versions, id, &PolicyVersion::id);
    if (found != policy.versions.end()) return &*found;
    return no_such_entity(
        fmt::format("Policy {} version {} does not exist or is not attachable.", policy.arn, id));
}

ManagedPolicy aws_policy(const std::string& arn) {
    const std::string path = arn.substr(arn.find('/'));  // "/service-role/Name"
    const std::size_t name = path.rfind('/') + 1;
    ManagedPolicy policy;
    policy.name = path.substr(name);
    policy.path = path.substr(0, name);
    policy.arn = arn;
    policy.id = std::string(ManagedPolicy::id_prefix) +
                hex(sha256(arn)).substr(0, 17);  // the same at each call
    std::ranges::transform(policy.id, policy.id.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    policy.default_version = "v1";
    return policy;
}

Result<ManagedPolicy> any_policy(const Iam& iam, const std::string& account,
                                 const std::string& arn) {
    MILL_CHECK(check_policy_arn(arn));
    if (is_aws_policy(arn)) return aws_policy(arn);
    return iam.need_policy(account, arn);
}

Result<Role> make_role(Iam& iam, const std::string& account, RoleDraft draft,
                       storage::Table::Commit& commit) {
    MILL_CHECK(check_document(draft.trust, PolicyKind::trust));
    MILL_CHECK(check_tags(draft.tags));
    MILL_TRY(const auto known, iam.find<Role>(account, draft.name));
    if (known) return already_exists(fmt::format("Role with name {} already exists.", draft.name));
    auto role = new_row<Role>(iam, account, "role", std::move(draft.name), draft.path);
    role.assume_role_policy = std::move(draft.trust);
    role.description = std::move(draft.description);
    role.max_session_seconds = draft.max_session_seconds.value_or(role.max_session_seconds);
    role.tags = std::move(draft.tags);
    MILL_CHECK(set_boundary(iam, account, role, draft.boundary, commit));
    return role;
}

Result<User> make_user(Iam& iam, const std::string& account, std::string name, const Text& path,
                       const Text& boundary, Tags tags, storage::Table::Commit& commit) {
    MILL_CHECK(check_tags(tags));
    MILL_TRY(const auto known, iam.find<User>(account, name));
    if (known) return already_exists(fmt::format("User with name {} already exists.", name));
    auto user = new_row<User>(iam, account, "user", std::move(name), path);
    user.tags = std::move(tags);
    MILL_CHECK(set_boundary(iam, account, user, boundary, commit));
    return user;
}

Result<Group> make_group(Iam& iam, const std::string& account, std::string name, const Text& path) {
    MILL_TRY(const auto known, iam.find<Group>(account, name));
    if (known) return already_exists(fmt::format("Group with name {} already exists.", name));
    return new_row<Group>(iam, account, "group", std::move(name), path);
}

Result<InstanceProfile> make_profile(Iam& iam, const std::string& account, std::string name,
                                     const Text& path) {
    MILL_TRY(const auto known, iam.find<InstanceProfile>(account, name));
    if (known) return already_exists(fmt::format("Instance Profile {} already exists.", name));
    return new_row<InstanceProfile>(iam, account, "instance-profile", std::move(name), path);
}

Result<void> remove_role(const Iam& iam, const std::string& account, const Role& role,
                         storage::Table::Commit& commit) {
    MILL_TRY(const bool in_profile, iam.is_any(profile_of_row(account, role.name, "")));
    if (in_profile) {
        return delete_conflict(
            "Cannot delete entity, must remove roles from instance profile first.");
    }
    MILL_CHECK(check_bare(role));
    if (role.boundary)
        commit.erases.push_back(
            use_row(account, *role.boundary, Use::boundary, Role::kind, role.name));
    erase(commit, account, role);
    return {};
}

Result<void> remove_user(const Iam& iam, const std::string& account, const User& user,
                         storage::Table::Commit& commit) {
    MILL_TRY(const bool has_keys, iam.is_any(key_of_user_row(account, user.name, "")));
    if (has_keys) return delete_conflict("Cannot delete entity, must delete access keys first.");
    MILL_CHECK(check_bare(user));
    if (!user.groups.empty())
        return delete_conflict("Cannot delete entity, must remove users from group first.");
    if (user.boundary)
        commit.erases.push_back(
            use_row(account, *user.boundary, Use::boundary, User::kind, user.name));
    erase(commit, account, user);
    return {};
}

Result<void> remove_group(const Iam& iam, const std::string& account, const Group& group,
                          storage::Table::Commit& commit) {
    MILL_TRY(const bool has_members, iam.is_any(member_row(account, group.name, "")));
    if (has_members)
        return delete_conflict("Cannot delete entity, must remove users from group first.");
    MILL_CHECK(check_bare(group));
    erase(commit, account, group);
    return {};
}

Result<void> join(const std::string& account, User& user, const Group& group,
                  storage::Table::Commit& commit) {
    if (std::ranges::find(user.groups, group.name) != user.groups.end()) return {};
    if (user.groups.size() >= groups_max)
        return limit_exceeded(fmt::format("Cannot exceed quota for GroupsPerUser: {}", groups_max));
    user.groups.push_back(group.name);
    mark(commit, member_row(account, group.name, user.name));
    return {};
}

void leave(const std::string& account, User& user, const std::string& group,
           storage::Table::Commit& commit) {
    std::erase(user.groups, group);
    commit.erases.push_back(member_row(account, group, user.name));
}

Result<void> put_in_profile(const std::string& account, InstanceProfile& profile, const Role& role,
                            storage::Table::Commit& commit) {
    if (profile.role)
        return limit_exceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    profile.role = role.name;
    mark(commit, profile_of_row(account, role.name, profile.name));
    return {};
}

void take_from_profile(const std::string& account, InstanceProfile& profile,
                       storage::Table::Commit& commit) {
    if (profile.role) commit.erases.push_back(profile_of_row(account, *profile.role, profile.name));
    profile.role.reset();
}

Result<AccessKey> make_key(Iam& iam, const std::string& account, const std::string& user,
                           storage::Table::Commit& commit) {
    MILL_TRY(const auto keys, iam.names(key_of_user_row(account, user, "")));
    if (keys.size() >= keys_max)
        return limit_exceeded(
            fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", keys_max));
    AccessKey key = iam.new_key(account, user);
    put_key(key, commit);
    mark(commit, key_of_user_row(account, user, key.id));
    return key;
}

void put_key(const AccessKey& key, storage::Table::Commit& commit) {
    commit.puts.push_back({"iam/key/" + key.id, wire::to_json(key)});
}

void remove_key(const AccessKey& key, storage::Table::Commit& commit) {
    commit.erases.push_back("iam/key/" + key.id);
    commit.erases.push_back(key_of_user_row(key.account, key.user, key.id));
}

Result<std::string> user_meant(const Iam& iam, const Caller& caller, const Text& name) {
    if (name) return *name;
    MILL_TRY(const ports::Identity who, iam.identity_of(caller));
    if (who.user) return *who.user;
    return fail("ValidationError", "Must specify userName when calling with non-User credentials",
                400);
}

Result<AccessKey> key_meant(const Iam& iam, const Caller& caller, const Text& user,
                            const std::string& id) {
    MILL_TRY(AccessKey key, iam.need_key(caller.account, id));
    if (!user || *user == key.user) return key;
    return no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
}

std::string member_row(std::string_view account, std::string_view group, std::string_view user) {
    return fmt::format("iam/member/{}/{}/{}", account, group, user);
}
std::string key_of_user_row(std::string_view account, std::string_view user, std::string_view key) {
    return fmt::format("iam/key-of/{}/{}/{}", account, user, key);
}
std::string profile_of_row(std::string_view account, std::string_view role,
                           std::string_view profile) {
    return fmt::format("iam/profile-of/{}/{}/{}", account, role, profile);
}

}  // namespace mill::iam
