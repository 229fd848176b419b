// SPDX-License-Identifier: Apache-2.0
// DeleteRole: one that nothing hangs on any more.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

Task<Result<wire::Empty>> delete_role(Iam& iam, Caller caller, PrincipalInput<Role> input) {
    MILL_CO_TRY(const Role role, iam.need<Role>(caller.account, *input.name));
    storage::Table::Commit commit;
    MILL_CO_CHECK(remove_role(iam, caller.account, role, commit));
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_role_operation;
const wire::Operation delete_role_operation = wire::operation<&delete_role>("DeleteRole");

}  // namespace mill::iam
