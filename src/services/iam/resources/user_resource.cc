// SPDX-License-Identifier: Apache-2.0
// AWS::IAM::User, AWS::IAM::Group, AWS::IAM::AccessKey and AWS::IAM::UserToGroupAddition.
#include "services/iam/resources/resources.h"

namespace mill::iam {
namespace {

constexpr std::string_view user_create_only[] = {"UserName", "Path"};
constexpr std::string_view group_create_only[] = {"GroupName", "Path"};
constexpr std::string_view key_create_only[] = {"UserName", "Serial"};
constexpr std::size_t user_name_max = 64;

struct UserProperties {
    Text name, path, boundary;
    Names groups, attached;
    InlinePolicyProperties policies;
    std::optional<TagList> tags;

    static constexpr auto shape() {
        using P = UserProperties;
        return wire::structure(
            "AWS::IAM::User", wire::member<&P::groups>("Groups"),
            wire::refused("LoginProfile", "Leave it out: there is no console to log in to."),
            wire::member<&P::attached>("ManagedPolicyArns"), path_member<&P::path>(),
            arn_member<&P::boundary>("PermissionsBoundary"), wire::member<&P::policies>("Policies"),
            tags_member<&P::tags>(), name_member<&P::name>("UserName", user_name_max));
    }
    PolicyProperties given() const { return {policies, attached}; }
};

ports::Resource describe_resource(const User& user) {
    ports::Resource resource = resource_of(user.name);
    resource.attributes["Arn"] = user.arn;
    return resource;
}

Result<void> apply_groups(const Iam& iam, const std::string& account, User& user,
                          const Names& before, const Names& now, storage::Table::Commit& commit) {
    const std::set<std::string> kept = set_of(now);
    for (const std::string& group : set_of(before)) {
        if (!kept.contains(group)) leave(account, user, group, commit);
    }
    for (const std::string& name : kept) {
        MILL_TRY(const Group group, iam.need<Group>(account, name));
        MILL_CHECK(join(account, user, group, commit));
    }
    return {};
}

Task<Result<ports::Resource>> create_user_resource(Iam& iam, ports::ResourceRequest request) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(const auto properties,
                ports::read_properties<UserProperties>(std::move(request.properties)));
    MILL_CO_TRY(Tags tags, tags_of(properties.tags));
    storage::Table::Commit commit;
    MILL_CO_TRY(User user,
                make_user(iam, account,
                          properties.name.value_or(fitted(request.generated_name, user_name_max)),
                          properties.path, properties.boundary, std::move(tags), commit));
    MILL_CO_CHECK(apply(iam, account, user, {}, properties.given(), commit));
    MILL_CO_CHECK(apply_groups(iam, account, user, {}, properties.groups, commit));
    put(commit, account, user);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return describe_resource(user);
}

Result<void> change(const Iam& iam, const std::string& account, User& user,
                    const UserProperties& before, const UserProperties& now,
                    storage::Table::Commit& commit) {
    MILL_CHECK(set_boundary(iam, account, user, now.boundary, commit));
    MILL_CHECK(apply(iam, account, user, before.given(), now.given(), commit));
    MILL_CHECK(apply_groups(iam, account, user, before.groups, now.groups, commit));
    return apply_tags(user.tags, before.tags, now.tags);
}

Task<Result<void>> remove_user_resource(Iam& iam, ports::ResourceRequest request,
                                        std::string physical_id) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(auto user, iam.find<User>(account, physical_id));
    if (!user) co_return Result<void>();
    storage::Table::Commit commit;
    const auto given = ports::read_properties<UserProperties>(std::move(request.properties));
    if (given) {
        MILL_CO_CHECK(apply(iam, account, *user, given->given(), {}, commit));
        MILL_CO_CHECK(apply_groups(iam, account, *user, given->groups, {}, commit));
    }
    MILL_CO_CHECK(remove_user(iam, account, *user, commit));
    co_return co_await iam.commit(std::move(commit));
}

struct GroupProperties {
    Text name, path;
    Names attached;
    InlinePolicyProperties policies;

    static constexpr auto shape() {
        using P = GroupProperties;
        return wire::structure("AWS::IAM::Group", name_member<&P::name>("GroupName"),
                               wire::member<&P::attached>("ManagedPolicyArns"),
                               path_member<&P::path>(), wire::member<&P::policies>("Policies"));
    }
    PolicyProperties given() const { return {policies, attached}; }
};

ports::Resource describe_resource(const Group& group) {
    ports::Resource resource = resource_of(group.name);
    resource.attributes["Arn"] = group.arn;
    return resource;
}

Task<Result<ports::Resource>> create_group_resource(Iam& iam, ports::ResourceRequest request) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(const auto properties,
                ports::read_properties<GroupProperties>(std::move(request.properties)));
    MILL_CO_TRY(Group group,
                make_group(iam, account, properties.name.value_or(request.generated_name),
                           properties.path));
    storage::Table::Commit commit;
    MILL_CO_CHECK(apply(iam, account, group, {}, properties.given(), commit));
    put(commit, account, group);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return describe_resource(group);
}

Result<void> change(const Iam& iam, const std::string& account, Group& group,
                    const GroupProperties& before, const GroupProperties& now,
                    storage::Table::Commit& commit) {
    return apply(iam, account, group, before.given(), now.given(), commit);
}

Task<Result<void>> remove_group_resource(Iam& iam, ports::ResourceRequest request,
                                         std::string physical_id) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(auto group, iam.find<Group>(account, physical_id));
    if (!group) co_return Result<void>();
    storage::Table::Commit commit;
    const auto given = ports::read_properties<GroupProperties>(std::move(request.properties));
    if (given) MILL_CO_CHECK(apply(iam, account, *group, given->given(), {}, commit));
    MILL_CO_CHECK(remove_group(iam, account, *group, commit));
    co_return co_await iam.commit(std::move(commit));
}

struct KeyProperties {
    Text user, status;
    std::optional<std::int64_t> serial;

    static constexpr auto shape() {
        using P = KeyProperties;
        constexpr auto user = name_member<&P::user>("UserName").required();
        return wire::structure("AWS::IAM::AccessKey", user, wire::member<&P::serial>("Serial"),
                               wire::member<&P::status>("Status").one_of(key_statuses));
    }
};

ports::Resource describe_resource(const AccessKey& key) {
    ports::Resource resource = resource_of(key.id);
    resource.attributes["SecretAccessKey"] = key.secret;
    return resource;
}

Task<Result<ports::Resource>> create_key_resource(Iam& iam, ports::ResourceRequest request) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(const auto properties,
                ports::read_properties<KeyProperties>(std::move(request.properties)));
    MILL_CO_TRY(const User user, iam.need<User>(account, *properties.user));
    storage::Table::Commit commit;
    MILL_CO_TRY(AccessKey key, make_key(iam, account, user.name, commit));
    key.status = properties.status.value_or(key.status);
    put_key(key, commit);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return describe_resource(key);
}

Task<Result<ports::Resource>> update_key_resource(Iam& iam, ports::ResourceRequest request,
                                                  std::string physical_id, wire::Value) {
    MILL_CO_TRY(const auto properties,
                ports::read_properties<KeyProperties>(std::move(request.properties)));
    MILL_CO_TRY(AccessKey key, iam.need_key(request.caller.account, physical_id));
    key.status = properties.status.value_or("Active");
    storage::Table::Commit commit;
    put_key(key, commit);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return describe_resource(key);
}

Task<Result<void>> remove_key_resource(Iam& iam, ports::ResourceRequest request,
                                       std::string physical_id) {
    const auto key = iam.need_key(request.caller.account, physical_id);
    if (!key && key.error().code == "NoSuchEntity") co_return Result<void>();
    if (!key) co_return std::unexpected(key.error());
    storage::Table::Commit commit;
    remove_key(*key, commit);
    co_return co_await iam.commit(std::move(commit));
}

struct AdditionProperties {
    Text group;
    Names users;

    static constexpr auto shape() {
        using P = AdditionProperties;
        return wire::structure("AWS::IAM::UserToGroupAddition",
                               name_member<&P::group>("GroupName").required(),
                               wire::member<&P::users>("Users").required());
    }
};

Result<void> add_and_take(const Iam& iam, const std::string& account,
                          const AdditionProperties& before, const AdditionProperties& now,
                          storage::Table::Commit& commit) {
    const std::set<std::string> kept = set_of(now.users);
    for (const std::string& name : set_of(before.users)) {
        MILL_TRY(auto user, iam.find<User>(account, name));
        if (!user || kept.contains(name)) continue;
        leave(account, *user, *before.group, commit);
        put(commit, account, *user);
    }
    if (kept.empty()) return {};
    MILL_TRY(const Group group, iam.need<Group>(account, *now.group));
    for (const std::string& name : kept) {
        MILL_TRY(User user, iam.need<User>(account, name));
        if (before.group && *before.group != group.name)
            leave(account, user, *before.group, commit);
        MILL_CHECK(join(account, user, group, commit));
        put(commit, account, user);
    }
    return {};
}

Task<Result<ports::Resource>> create_addition(Iam& iam, ports::ResourceRequest request) {
    MILL_CO_TRY(const auto now,
                ports::read_properties<AdditionProperties>(std::move(request.properties)));
    storage::Table::Commit commit;
    MILL_CO_CHECK(add_and_take(iam, request.caller.account, {}, now, commit));
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return resource_of(std::move(request.generated_name));
}

Task<Result<ports::Resource>> update_addition(Iam& iam, ports::ResourceRequest request,
                                              std::string physical_id, wire::Value old_properties) {
    MILL_CO_TRY(const auto now,
                ports::read_properties<AdditionProperties>(std::move(request.properties)));
    MILL_CO_TRY(const auto before,
                ports::read_properties<AdditionProperties>(std::move(old_properties)));
    storage::Table::Commit commit;
    MILL_CO_CHECK(add_and_take(iam, request.caller.account, before, now, commit));
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return resource_of(std::move(physical_id));
}

Task<Result<void>> remove_addition(Iam& iam, ports::ResourceRequest request, std::string) {
    const auto before = ports::read_properties<AdditionProperties>(std::move(request.properties));
    if (!before) co_return Result<void>();
    storage::Table::Commit commit;
    MILL_CO_CHECK(add_and_take(iam, request.caller.account, *before, {}, commit));
    co_return co_await iam.commit(std::move(commit));
}

}  // namespace

const ResourceType user_resource{"AWS::IAM::User", user_create_only, &create_user_resource,
                                 &update_row<User, UserProperties, &change, &describe_resource>,
                                 &remove_user_resource};
const ResourceType group_resource{"AWS::IAM::Group", group_create_only, &create_group_resource,
                                  &update_row<Group, GroupProperties, &change, &describe_resource>,
                                  &remove_group_resource};
const ResourceType access_key_resource{"AWS::IAM::AccessKey", key_create_only, &create_key_resource,
                                       &update_key_resource, &remove_key_resource};
const ResourceType user_to_group_resource{
    "AWS::IAM::UserToGroupAddition", {}, &create_addition, &update_addition, &remove_addition};

}  // namespace mill::iam
