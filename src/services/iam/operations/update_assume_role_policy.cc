// SPDX-License-Identifier: Apache-2.0
// UpdateAssumeRolePolicy: a new trust policy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
#include "services/iam/principals.h"

namespace mill::iam {
namespace {

struct UpdateAssumeRolePolicyInput {
    Text name, trust;

    static constexpr auto shape() {
        using I = UpdateAssumeRolePolicyInput;
        return wire::structure("UpdateAssumeRolePolicyRequest", principal_member<Role, &I::name>(),
                               document_member<&I::trust>());
    }
};

Task<Result<wire::Empty>> update_assume_role_policy(Iam& iam, Caller caller,
                                                    UpdateAssumeRolePolicyInput input) {
    MILL_CO_CHECK(check_document(*input.trust, PolicyKind::trust));
    MILL_CO_TRY(Role role, iam.need<Role>(caller.account, *input.name));
    role.assume_role_policy = *std::move(input.trust);
    MILL_CO_CHECK(co_await store(iam, caller.account, std::move(role)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation update_assume_role_policy_operation;
const wire::Operation update_assume_role_policy_operation =
    wire::operation<&update_assume_role_policy>("UpdateAssumeRolePolicy");

}  // namespace mill::iam
