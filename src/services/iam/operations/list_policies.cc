// SPDX-License-Identifier: Apache-2.0
// ListPolicies: the managed policies of the account. AWS's own are not listed: Millrace does not
// know which there are. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

constexpr std::string_view scopes[] = {"All", "AWS", "Local"};
constexpr std::string_view usages[] = {"PermissionsPolicy", "PermissionsBoundary"};

struct ListPoliciesInput {
    Text scope, path_prefix, usage, marker;
    std::optional<bool> only_attached;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListPoliciesInput;
        return wire::structure("ListPoliciesRequest",
                               wire::member<&I::scope>("Scope").one_of(scopes),
                               wire::member<&I::only_attached>("OnlyAttached"),
                               policy_path_member<&I::path_prefix>("PathPrefix"),
                               wire::member<&I::usage>("PolicyUsageFilter").one_of(usages),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

struct ListPoliciesOutput {
    std::vector<PolicyDescription> policies;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListPoliciesOutput;
        return wire::structure("ListPoliciesResponse", wire::member<&O::policies>("Policies"),
                               wire::member<&O::is_truncated>("IsTruncated"),
                               wire::member<&O::marker>("Marker"));
    }
};

bool is_wanted(const PolicyDescription& policy, const ListPoliciesInput& input) {
    const bool bounds = input.usage == "PermissionsBoundary";
    const std::int64_t uses = bounds ? policy.boundary_uses : policy.attachments;
    const bool must_be_used = input.only_attached.value_or(false) || bounds;
    return uses > 0 || !must_be_used;
}

Task<Result<ListPoliciesOutput>> list_policies(Iam& iam, Caller caller, ListPoliciesInput input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    if (input.scope == "AWS") co_return ListPoliciesOutput{};
    MILL_CO_TRY(const auto found,
                page_of_rows<ManagedPolicy>(iam, caller.account, input.path_prefix, page));
    ListPoliciesOutput output{.is_truncated = found.is_truncated, .marker = found.marker};
    for (const ManagedPolicy& policy : found.rows) {
        MILL_CO_TRY(auto one, describe(iam, caller.account, policy, false));
        if (is_wanted(one, input)) output.policies.push_back(std::move(one));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_policies_operation;
const wire::Operation list_policies_operation = wire::operation<&list_policies>("ListPolicies");

}  // namespace mill::iam
