// SPDX-License-Identifier: Apache-2.0
// RemoveRoleFromInstanceProfile: the profile is left without a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct RemoveRoleFromInstanceProfileInput {
    Text profile, role;

    static constexpr auto shape() {
        using I = RemoveRoleFromInstanceProfileInput;
        return wire::structure("RemoveRoleFromInstanceProfileRequest",
                               name_member<&I::profile>("InstanceProfileName").required(),
                               principal_member<Role, &I::role>());
    }
};

Task<Result<wire::Empty>> remove_role_from_instance_profile(
    Iam& iam, Caller caller, RemoveRoleFromInstanceProfileInput input) {
    MILL_CO_TRY(auto profile, iam.need<InstanceProfile>(caller.account, *input.profile));
    MILL_CO_TRY(const Role role, iam.need<Role>(caller.account, *input.role));
    storage::Table::Commit commit;
    if (profile.role != role.name) {
        co_return no_such_entity(
            fmt::format("The role with name {} cannot be found in the instance profile {}.",
                        role.name, profile.name));
    }
    take_from_profile(caller.account, profile, commit);
    put(commit, caller.account, profile);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation remove_role_from_instance_profile_operation;
const wire::Operation remove_role_from_instance_profile_operation =
    wire::operation<&remove_role_from_instance_profile>("RemoveRoleFromInstanceProfile");

}  // namespace mill::iam
