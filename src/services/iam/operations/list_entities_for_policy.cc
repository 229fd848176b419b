// SPDX-License-Identifier: Apache-2.0
// ListEntitiesForPolicy: the roles, users and groups that a managed policy is attached to.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

constexpr std::string_view filters[] = {"User", "Role", "Group", "LocalManagedPolicy",
                                        "AWSManagedPolicy"};
constexpr std::string_view usages[] = {"PermissionsPolicy", "PermissionsBoundary"};

struct ListEntitiesForPolicyInput {
    Text arn, filter, path_prefix, usage, marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListEntitiesForPolicyInput;
        return wire::structure("ListEntitiesForPolicyRequest", arn_member<&I::arn>().required(),
                               wire::member<&I::filter>("EntityFilter").one_of(filters),
                               path_member<&I::path_prefix>("PathPrefix"),
                               wire::member<&I::usage>("PolicyUsageFilter").one_of(usages),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

template <class Row>
struct Using {
    std::string name, id;
    static constexpr auto shape() {
        return wire::structure("PolicyEntity", wire::member<&Using::name>(Row::name_member),
                               wire::member<&Using::id>(id_member()));
    }
    static constexpr std::string_view id_member() {
        return Row::kind == "role" ? "RoleId" : Row::kind == "user" ? "UserId" : "GroupId";
    }
};

struct ListEntitiesForPolicyOutput {
    std::vector<Using<Group>> groups;
    std::vector<Using<User>> users;
    std::vector<Using<Role>> roles;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListEntitiesForPolicyOutput;
        return wire::structure(
            "ListEntitiesForPolicyResponse", wire::member<&O::groups>("PolicyGroups"),
            wire::member<&O::users>("PolicyUsers"), wire::member<&O::roles>("PolicyRoles"),
            wire::member<&O::is_truncated>("IsTruncated"), wire::member<&O::marker>("Marker"));
    }
};

template <class Row>
Result<void> add(const Iam& iam, const std::string& account,
                 const ListEntitiesForPolicyInput& input, std::string_view use,
                 std::vector<Using<Row>>& to) {
    constexpr std::string_view kind = Row::kind, title = Row::title;
    const std::string beginning = fmt::format("{}/", kind);
    if (!use.starts_with(beginning) || (input.filter && *input.filter != title)) return {};
    MILL_TRY(const auto row, iam.find<Row>(account, std::string(use.substr(beginning.size()))));
    if (row && row->path.starts_with(input.path_prefix.value_or("/")))
        to.push_back({row->name, row->id});
    return {};
}

Task<Result<ListEntitiesForPolicyOutput>> list_entities_for_policy(
    Iam& iam, Caller caller, ListEntitiesForPolicyInput input) {
    const std::string& account = caller.account;
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const ManagedPolicy policy, any_policy(iam, account, *input.arn));
    const bool bounds = input.usage == "PermissionsBoundary";
    const std::string prefix =
        uses_prefix(account, policy.arn) + (bounds ? "boundary/" : "policy/");
    MILL_CO_TRY(auto uses, iam.names(prefix, page.after, page.items_max + 1));
    ListEntitiesForPolicyOutput output{.is_truncated = uses.size() > page.items_max};
    if (output.is_truncated) {
        uses.pop_back();
        output.marker = marker_after(uses.back());
    }
    for (const std::string& use : uses) {
        MILL_CO_CHECK(add(iam, account, input, use, output.groups));
        MILL_CO_CHECK(add(iam, account, input, use, output.users));
        MILL_CO_CHECK(add(iam, account, input, use, output.roles));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_entities_for_policy_operation;
const wire::Operation list_entities_for_policy_operation =
    wire::operation<&list_entities_for_policy>("ListEntitiesForPolicy");

}  // namespace mill::iam
