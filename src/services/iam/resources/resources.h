// SPDX-License-Identifier: Apache-2.0
// CloudFormation's resource types of IAM. They go through the rules of the API, and take away what
// they have given and nothing else.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
#pragma once

#include <set>

#include "services/iam/policies.h"
#include "services/ports/properties.h"

namespace mill::iam {

struct ResourceType {
    std::string_view name;
    std::span<const std::string_view> create_only;
    Task<Result<ports::Resource>> (*create)(Iam& iam, ports::ResourceRequest request);
    Task<Result<ports::Resource>> (*update)(Iam& iam, ports::ResourceRequest request,
                                            std::string physical_id, wire::Value old_properties);
    Task<Result<void>> (*remove)(Iam& iam, ports::ResourceRequest request, std::string physical_id);
};
extern const ResourceType role_resource, policy_resource, managed_policy_resource,
    instance_profile_resource, user_resource, group_resource, access_key_resource,
    user_to_group_resource;

using Names = std::optional<std::vector<std::string>>;
inline std::set<std::string> set_of(const Names& names) {
    return names ? std::set<std::string>(names->begin(), names->end()) : std::set<std::string>();
}

// A generated name too long for its type loses its front part's end; the random end keeps it
// unique.
std::string fitted(const std::string& generated, std::size_t length_max);

// {PolicyName, PolicyDocument} of roles, users and groups.
struct InlinePolicyProperty {
    Text name;
    std::optional<wire::Value> document;
    static constexpr auto shape() {
        using P = InlinePolicyProperty;
        return wire::structure("Policy", name_member<&P::name>("PolicyName").required(),
                               wire::member<&P::document>("PolicyDocument").required());
    }
};
using InlinePolicyProperties = std::optional<std::vector<InlinePolicyProperty>>;

// What a template says of the policies of a role, a user or a group. Those of before that are not
// among those of now go; what others have given stays.
struct PolicyProperties {
    InlinePolicyProperties policies = {};
    Names attached = {};
};
template <class Row>
Result<void> apply(const Iam& iam, const std::string& account, Row& row,
                   const PolicyProperties& before, const PolicyProperties& now,
                   storage::Table::Commit& commit) {
    const std::set<std::string> kept = set_of(now.attached);
    for (const std::string& arn : set_of(before.attached)) {
        if (!kept.contains(arn)) detach(account, row, arn, commit);
    }
    for (const std::string& arn : kept) MILL_CHECK(attach(iam, account, row, arn, commit));
    using List = std::vector<InlinePolicyProperty>;
    for (const auto& old : before.policies.value_or(List())) row.policies.erase(*old.name);
    for (const auto& policy : now.policies.value_or(List()))
        MILL_CHECK(set_inline_policy(row, *policy.name, document_text(*policy.document)));
    return {};
}

// Tags of a template replace those that it gave before.
Result<void> apply_tags(Tags& tags, const std::optional<TagList>& before,
                        const std::optional<TagList>& now);

// The update of a role, a user or a group: `change` makes of it what the template says now.
template <class Row, class Properties,
          Result<void> (*change)(const Iam&, const std::string& account, Row&,
                                 const Properties& before, const Properties& now,
                                 storage::Table::Commit&),
          ports::Resource (*describe)(const Row&)>
Task<Result<ports::Resource>> update_row(Iam& iam, ports::ResourceRequest request,
                                         std::string physical_id, wire::Value old_properties) {
    const std::string& account = request.caller.account;
    MILL_CO_TRY(const auto now, ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(const auto before, ports::read_properties<Properties>(std::move(old_properties)));
    MILL_CO_TRY(Row row, iam.need<Row>(account, physical_id));
    storage::Table::Commit commit;
    MILL_CO_CHECK(change(iam, account, row, before, now, commit));
    put(commit, account, row);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return describe(row);
}

inline ports::Resource resource_of(std::string physical_id) {
    return {.physical_id = std::move(physical_id)};
}

}  // namespace mill::iam
