// SPDX-License-Identifier: Apache-2.0
// DeleteUser: one that nothing hangs on any more.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

Task<Result<wire::Empty>> delete_user(Iam& iam, Caller caller, PrincipalInput<User> input) {
    MILL_CO_TRY(const User user, iam.need<User>(caller.account, *input.name));
    storage::Table::Commit commit;
    MILL_CO_CHECK(remove_user(iam, caller.account, user, commit));
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_user_operation;
const wire::Operation delete_user_operation = wire::operation<&delete_user>("DeleteUser");

}  // namespace mill::iam
