// SPDX-License-Identifier: Apache-2.0
// AWS::IAM::Policy, a document that several roles, users and groups have, and
// AWS::IAM::ManagedPolicy.
#include "services/iam/resources/resources.h"

namespace mill::iam {
namespace {

constexpr std::string_view managed_create_only[] = {"ManagedPolicyName", "Path", "Description"};

struct Holders {
    Names roles, users, groups;
};

// Changes each of these roles, users or groups; one that is gone is passed over if that is meant.
template <class Row, class Change>
Result<void> change_each(const Iam& iam, const std::string& account,
                         const std::set<std::string>& names, bool may_be_gone,
                         storage::Table::Commit& commit, Change change) {
    for (const std::string& name : names) {
        auto row = iam.need<Row>(account, name);
        if (!row && row.error().code == "NoSuchEntity" && may_be_gone) continue;
        if (!row) return std::unexpected(row.error());
        MILL_CHECK(change(*row));
        put(commit, account, *row);
    }
    return {};
}
template <class Change>
Result<void> change_all(const Iam& iam, const std::string& account, const Holders& holders,
                        bool may_be_gone, storage::Table::Commit& commit, Change change) {
    MILL_CHECK(change_each<Role>(iam, account, set_of(holders.roles), may_be_gone, commit, change));
    MILL_CHECK(change_each<User>(iam, account, set_of(holders.users), may_be_gone, commit, change));
    return change_each<Group>(iam, account, set_of(holders.groups), may_be_gone, commit, change);
}

struct PolicyResourceProperties {
    Text name;
    std::optional<wire::Value> document;
    Names roles, users, groups;

    static constexpr auto shape() {
        using P = PolicyResourceProperties;
        return wire::structure("AWS::IAM::Policy", name_member<&P::name>("PolicyName").required(),
                               wire::member<&P::document>("PolicyDocument").required(),
                               wire::member<&P::roles>("Roles"), wire::member<&P::users>("Users"),
                               wire::member<&P::groups>("Groups"));
    }
    Holders holders() const { return {roles, users, groups}; }
};

Result<void> put_everywhere(const Iam& iam, const std::string& account,
                            const PolicyResourceProperties& properties,
                            storage::Table::Commit& commit) {
    if (!properties.roles && !properties.users && !properties.groups) {
        return fail("ValidationError", "At least one of [Groups,Roles,Users] must be non-empty.",
                    400);
    }
    const std::string document = document_text(*properties.document);
    return change_all(iam, account, properties.holders(), false, commit, [&](auto& row) {
        return set_inline_policy(row, *properties.name, document);
    });
}

Result<void> take_everywhere(const Iam& iam, const std::string& account,
                             const PolicyResourceProperties& properties,
                             storage::Table::Commit& commit) {
    return change_all(iam, account, properties.holders(), true, commit,
                      [&](auto& row) -> Result<void> {
                          row.policies.erase(*properties.name);
                          return {};
                      });
}

Task<Result<ports::Resource>> create_policy_resource(Iam& iam, ports::ResourceRequest request) {
    MILL_CO_TRY(const auto properties,
                ports::read_properties<PolicyResourceProperties>(std::move(request.properties)));
    storage::Table::Commit commit;
    MILL_CO_CHECK(put_everywhere(iam, request.caller.account, properties, commit));
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    ports::Resource resource = resource_of(std::move(request.generated_name));
    resource.attributes["Id"] = resource.physical_id;
    co_return resource;
}

Task<Result<ports::Resource>> update_policy_resource(Iam& iam, ports::ResourceRequest request,
                                                     std::string physical_id,
                                                     wire::Value old_properties) {
    MILL_CO_TRY(const auto before,
                ports::read_properties<PolicyResourceProperties>(std::move(old_properties)));
    MILL_CO_TRY(const auto now,
                ports::read_properties<PolicyResourceProperties>(std::move(request.properties)));
    // First all that is to be is there, then what is no longer meant goes.
    storage::Table::Commit added, removed;
    MILL_CO_CHECK(put_everywhere(iam, request.caller.account, now, added));
    MILL_CO_CHECK(co_await iam.commit(std::move(added)));
    PolicyResourceProperties gone = before;
    if (before.name == now.name) {
        const auto without = [](Names& names, const Names& kept) {
            const std::set<std::string> those = set_of(kept);
            if (names)
                std::erase_if(*names, [&](const auto& name) { return those.contains(name); });
        };
        without(gone.roles, now.roles);
        without(gone.users, now.users);
        without(gone.groups, now.groups);
    }
    MILL_CO_CHECK(take_everywhere(iam, request.caller.account, gone, removed));
    MILL_CO_CHECK(co_await iam.commit(std::move(removed)));
    ports::Resource resource = resource_of(std::move(physical_id));
    resource.attributes["Id"] = resource.physical_id;
    co_return resource;
}

Task<Result<void>> remove_policy_resource(Iam& iam, ports::ResourceRequest request, std::string) {
    const auto properties =
        ports::read_properties<PolicyResourceProperties>(std::move(request.properties));
    if (!properties) co_return Result<void>();
    storage::Table::Commit commit;
    MILL_CO_CHECK(take_everywhere(iam, request.caller.account, *properties, commit));
    co_return co_await iam.commit(std::move(commit));
}

struct ManagedProperties {
    Text name, path, description;
    std::optional<wire::Value> document;
    Names roles, users, groups;

    static constexpr auto shape() {
        using P = ManagedProperties;
        return wire::structure("AWS::IAM::ManagedPolicy",
                               name_member<&P::name>("ManagedPolicyName"),
                               policy_path_member<&P::path>("Path"),
                               wire::member<&P::description>("Description").length(0, 1000),
                               wire::member<&P::document>("PolicyDocument").required(),
                               wire::member<&P::roles>("Roles"), wire::member<&P::users>("Users"),
                               wire::member<&P::groups>("Groups"));
    }
    Holders holders() const { return {roles, users, groups}; }
};

Result<void> attach_all(const Iam& iam, const std::string& account, const std::string& arn,
                        const Holders& holders, storage::Table::Commit& commit) {
    return change_all(iam, account, holders, false, commit,
                      [&](auto& row) { return attach(iam, account, row, arn, commit); });
}
Result<void> detach_all(const Iam& iam, const std::string& account, const std::string& arn,
                        const Holders& holders, storage::Table::Commit& commit) {
    return change_all(iam, account, holders, true, commit, [&](auto& row) -> Result<void> {
        detach(account, row, arn, commit);
        return {};
    });
}

ports::Resource describe_resource(const ManagedPolicy& policy) {
    ports::Resource resource = resource_of(policy.arn);
    resource.attributes["PolicyArn"] = policy.arn;
    resource.attributes["PolicyId"] = policy.id;
    resource.attributes["DefaultVersionId"] = policy.default_version;
    resource.attributes["CreateDate"] = iso8601_s(policy.created);
    resource.attributes["UpdateDate"] = iso8601_s(policy.updated);
    resource.attributes["IsAttachable"] = true;
    return resource;
}

Task<Result<ports::Resource>> create_managed_resource(Iam& iam, ports::ResourceRequest request) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(const auto properties,
                ports::read_properties<ManagedProperties>(std::move(request.properties)));
    PolicyDraft draft{.name = properties.name.value_or(request.generated_name),
                      .path = properties.path,
                      .description = properties.description,
                      .document = document_text(*properties.document)};
    MILL_CO_TRY(const ManagedPolicy policy, make_policy(iam, account, std::move(draft)));
    storage::Table::Commit commit, attachments;
    put(commit, account, policy);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    MILL_CO_CHECK(attach_all(iam, account, policy.arn, properties.holders(), attachments));
    MILL_CO_CHECK(co_await iam.commit(std::move(attachments)));
    co_return describe_resource(policy);
}

Task<Result<ports::Resource>> update_managed_resource(Iam& iam, ports::ResourceRequest request,
                                                      std::string physical_id,
                                                      wire::Value old_properties) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(const auto now,
                ports::read_properties<ManagedProperties>(std::move(request.properties)));
    MILL_CO_TRY(const auto before,
                ports::read_properties<ManagedProperties>(std::move(old_properties)));
    MILL_CO_TRY(ManagedPolicy policy, iam.need_policy(account, physical_id));
    const std::string document = document_text(*now.document);
    storage::Table::Commit commit, attachments;
    if (document != document_text(*before.document)) {
        // The oldest version that does not hold makes room.
        if (policy.versions.size() >= versions_max) {
            policy.versions.erase(
                std::ranges::find_if(policy.versions, [&](const PolicyVersion& version) {
                    return version.id != policy.default_version;
                }));
        }
        MILL_CO_CHECK(add_version(iam, policy, document, true));
        put(commit, account, policy);
    }
    MILL_CO_CHECK(detach_all(iam, account, policy.arn, before.holders(), commit));
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    MILL_CO_CHECK(attach_all(iam, account, policy.arn, now.holders(), attachments));
    MILL_CO_CHECK(co_await iam.commit(std::move(attachments)));
    co_return describe_resource(policy);
}

Task<Result<void>> remove_managed_resource(Iam& iam, ports::ResourceRequest request,
                                           std::string physical_id) {
    const std::string& account = request.caller.account;
    const auto policy = iam.need_policy(account, physical_id);
    if (!policy && policy.error().code == "NoSuchEntity") co_return Result<void>();
    if (!policy) co_return std::unexpected(policy.error());
    const auto given = ports::read_properties<ManagedProperties>(std::move(request.properties));
    storage::Table::Commit detached, commit;
    if (given) MILL_CO_CHECK(detach_all(iam, account, policy->arn, given->holders(), detached));
    MILL_CO_CHECK(co_await iam.commit(std::move(detached)));
    MILL_CO_TRY(const bool is_used, iam.is_any(uses_prefix(account, policy->arn)));
    if (is_used) co_return delete_conflict("Cannot delete a policy attached to entities.");
    erase(commit, account, *policy);
    co_return co_await iam.commit(std::move(commit));
}

}  // namespace

const ResourceType policy_resource{"AWS::IAM::Policy",
                                   {},
                                   &create_policy_resource,
                                   &update_policy_resource,
                                   &remove_policy_resource};
const ResourceType managed_policy_resource{"AWS::IAM::ManagedPolicy", managed_create_only,
                                           &create_managed_resource, &update_managed_resource,
                                           &remove_managed_resource};

}  // namespace mill::iam
