// SPDX-License-Identifier: Apache-2.0
// AddRoleToInstanceProfile: one role at most.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct AddRoleToInstanceProfileInput {
    Text profile, role;

    static constexpr auto shape() {
        using I = AddRoleToInstanceProfileInput;
        return wire::structure("AddRoleToInstanceProfileRequest",
                               name_member<&I::profile>("InstanceProfileName").required(),
                               principal_member<Role, &I::role>());
    }
};

Task<Result<wire::Empty>> add_role_to_instance_profile(Iam& iam, Caller caller,
                                                       AddRoleToInstanceProfileInput input) {
    MILL_CO_TRY(auto profile, iam.need<InstanceProfile>(caller.account, *input.profile));
    MILL_CO_TRY(const Role role, iam.need<Role>(caller.account, *input.role));
    storage::Table::Commit commit;
    MILL_CO_CHECK(put_in_profile(caller.account, profile, role, commit));
    put(commit, caller.account, profile);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation add_role_to_instance_profile_operation;
const wire::Operation add_role_to_instance_profile_operation =
    wire::operation<&add_role_to_instance_profile>("AddRoleToInstanceProfile");

}  // namespace mill::iam
