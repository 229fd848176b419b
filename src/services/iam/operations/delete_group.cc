// SPDX-License-Identifier: Apache-2.0
// DeleteGroup: one that nothing hangs on any more.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

Task<Result<wire::Empty>> delete_group(Iam& iam, Caller caller, PrincipalInput<Group> input) {
    MILL_CO_TRY(const Group group, iam.need<Group>(caller.account, *input.name));
    storage::Table::Commit commit;
    MILL_CO_CHECK(remove_group(iam, caller.account, group, commit));
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_group_operation;
const wire::Operation delete_group_operation = wire::operation<&delete_group>("DeleteGroup");

}  // namespace mill::iam
