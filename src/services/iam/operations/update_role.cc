// SPDX-License-Identifier: Apache-2.0
// UpdateRole: a new description or longest session.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html
#include "services/iam/principals.h"

namespace mill::iam {
namespace {

struct UpdateRoleInput {
    Text name, description;
    std::optional<std::int64_t> max_session_seconds;

    static constexpr auto shape() {
        using I = UpdateRoleInput;
        return wire::structure("UpdateRoleRequest", principal_member<Role, &I::name>(),
                               role_description_member<&I::description>(),
                               max_session_member<&I::max_session_seconds>());
    }
};

struct UpdateRoleOutput {
    static constexpr auto shape() { return wire::structure("UpdateRoleResponse"); }
};

Task<Result<UpdateRoleOutput>> update_role(Iam& iam, Caller caller, UpdateRoleInput input) {
    MILL_CO_TRY(Role role, iam.need<Role>(caller.account, *input.name));
    if (input.description) role.description = std::move(input.description);
    if (input.max_session_seconds) role.max_session_seconds = *input.max_session_seconds;
    MILL_CO_CHECK(co_await store(iam, caller.account, std::move(role)));
    co_return UpdateRoleOutput{};
}

}  // namespace

extern const wire::Operation update_role_operation;
const wire::Operation update_role_operation = wire::operation<&update_role>("UpdateRole");

}  // namespace mill::iam
