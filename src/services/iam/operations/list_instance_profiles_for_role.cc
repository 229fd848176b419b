// SPDX-License-Identifier: Apache-2.0
// ListInstanceProfilesForRole: the instance profiles that a role is in.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct ListInstanceProfilesForRoleOutput {
    std::vector<ProfileDescription> profiles;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListInstanceProfilesForRoleOutput;
        return wire::structure(
            "ListInstanceProfilesForRoleResponse", wire::member<&O::profiles>("InstanceProfiles"),
            wire::member<&O::is_truncated>("IsTruncated"), wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListInstanceProfilesForRoleOutput>> list_instance_profiles_for_role(
    Iam& iam, Caller caller, PrincipalPageInput<Role> input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const Role role, iam.need<Role>(caller.account, *input.name));
    MILL_CO_TRY(auto names, iam.names(profile_of_row(caller.account, role.name, ""), page.after,
                                      page.items_max + 1));
    ListInstanceProfilesForRoleOutput output{.is_truncated = names.size() > page.items_max};
    if (output.is_truncated) {
        names.pop_back();
        output.marker = marker_after(names.back());
    }
    for (const std::string& name : names) {
        MILL_CO_TRY(const auto profile, iam.need<InstanceProfile>(caller.account, name));
        MILL_CO_TRY(auto described, describe(iam, caller.account, profile, false));
        output.profiles.push_back(std::move(described));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_instance_profiles_for_role_operation;
const wire::Operation list_instance_profiles_for_role_operation =
    wire::operation<&list_instance_profiles_for_role>("ListInstanceProfilesForRole");

}  // namespace mill::iam
