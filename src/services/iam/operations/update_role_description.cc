// SPDX-License-Identifier: Apache-2.0
// UpdateRoleDescription: as UpdateRole; answers what the role is.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html
#include "services/iam/principals.h"

namespace mill::iam {
namespace {

struct UpdateRoleDescriptionInput {
    Text name, description;

    static constexpr auto shape() {
        using I = UpdateRoleDescriptionInput;
        return wire::structure("UpdateRoleDescriptionRequest", principal_member<Role, &I::name>(),
                               role_description_member<&I::description>().required());
    }
};

struct UpdateRoleDescriptionOutput {
    RoleDescription role;
    static constexpr auto shape() {
        return wire::structure("UpdateRoleDescriptionResponse",
                               wire::member<&UpdateRoleDescriptionOutput::role>("Role"));
    }
};

Task<Result<UpdateRoleDescriptionOutput>> update_role_description(
    Iam& iam, Caller caller, UpdateRoleDescriptionInput input) {
    MILL_CO_TRY(Role role, iam.need<Role>(caller.account, *input.name));
    role.description = std::move(input.description);
    MILL_CO_CHECK(co_await store(iam, caller.account, role));
    co_return UpdateRoleDescriptionOutput{describe(role, false)};
}

}  // namespace

extern const wire::Operation update_role_description_operation;
const wire::Operation update_role_description_operation =
    wire::operation<&update_role_description>("UpdateRoleDescription");

}  // namespace mill::iam
