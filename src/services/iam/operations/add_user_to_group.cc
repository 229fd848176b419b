// SPDX-License-Identifier: Apache-2.0
// AddUserToGroup: a member already is no error.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct AddUserToGroupInput {
    Text group, user;

    static constexpr auto shape() {
        using I = AddUserToGroupInput;
        return wire::structure("AddUserToGroupRequest", principal_member<Group, &I::group>(),
                               principal_member<User, &I::user>());
    }
};

Task<Result<wire::Empty>> add_user_to_group(Iam& iam, Caller caller, AddUserToGroupInput input) {
    MILL_CO_TRY(const Group group, iam.need<Group>(caller.account, *input.group));
    MILL_CO_TRY(User user, iam.need<User>(caller.account, *input.user));
    storage::Table::Commit commit;
    MILL_CO_CHECK(join(caller.account, user, group, commit));
    put(commit, caller.account, user);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation add_user_to_group_operation;
const wire::Operation add_user_to_group_operation =
    wire::operation<&add_user_to_group>("AddUserToGroup");

}  // namespace mill::iam
