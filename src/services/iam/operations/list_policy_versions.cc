// SPDX-License-Identifier: Apache-2.0
// ListPolicyVersions: the versions of a managed policy, newest first.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct ListPolicyVersionsInput {
    Text arn, marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListPolicyVersionsInput;
        return wire::structure("ListPolicyVersionsRequest", arn_member<&I::arn>().required(),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

struct ListPolicyVersionsOutput {
    std::vector<VersionDescription> versions;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListPolicyVersionsOutput;
        return wire::structure("ListPolicyVersionsResponse", wire::member<&O::versions>("Versions"),
                               wire::member<&O::is_truncated>("IsTruncated"),
                               wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListPolicyVersionsOutput>> list_policy_versions(Iam& iam, Caller caller,
                                                            ListPolicyVersionsInput input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const ManagedPolicy policy, any_policy(iam, caller.account, *input.arn));
    ListPolicyVersionsOutput output;
    bool begun = page.after.empty();
    for (auto at = policy.versions.rbegin(); at != policy.versions.rend(); ++at) {
        if (begun && output.versions.size() == page.items_max) {
            output.is_truncated = true;
            output.marker = marker_after(output.versions.back().id);
            break;
        }
        if (begun) output.versions.push_back(describe(policy, *at, false));
        begun = begun || at->id == page.after;
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_policy_versions_operation;
const wire::Operation list_policy_versions_operation =
    wire::operation<&list_policy_versions>("ListPolicyVersions");

}  // namespace mill::iam
