// SPDX-License-Identifier: Apache-2.0
// GetRole: what a role is.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
#include "services/iam/principals.h"

namespace mill::iam {
namespace {

struct GetRoleOutput {
    RoleDescription role;
    static constexpr auto shape() {
        return wire::structure("GetRoleResponse", wire::member<&GetRoleOutput::role>("Role"));
    }
};

Task<Result<GetRoleOutput>> get_role(Iam& iam, Caller caller, PrincipalInput<Role> input) {
    MILL_CO_TRY(const Role role, iam.need<Role>(caller.account, *input.name));
    co_return GetRoleOutput{describe(role, true)};
}

}  // namespace

extern const wire::Operation get_role_operation;
const wire::Operation get_role_operation = wire::operation<&get_role>("GetRole");

}  // namespace mill::iam
