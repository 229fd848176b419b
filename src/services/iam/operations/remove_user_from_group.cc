// SPDX-License-Identifier: Apache-2.0
// RemoveUserFromGroup: no member is no error.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct RemoveUserFromGroupInput {
    Text group, user;

    static constexpr auto shape() {
        using I = RemoveUserFromGroupInput;
        return wire::structure("RemoveUserFromGroupRequest", principal_member<Group, &I::group>(),
                               principal_member<User, &I::user>());
    }
};

Task<Result<wire::Empty>> remove_user_from_group(Iam& iam, Caller caller,
                                                 RemoveUserFromGroupInput input) {
    MILL_CO_TRY(const Group group, iam.need<Group>(caller.account, *input.group));
    MILL_CO_TRY(User user, iam.need<User>(caller.account, *input.user));
    storage::Table::Commit commit;
    leave(caller.account, user, group.name, commit);
    put(commit, caller.account, user);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation remove_user_from_group_operation;
const wire::Operation remove_user_from_group_operation =
    wire::operation<&remove_user_from_group>("RemoveUserFromGroup");

}  // namespace mill::iam
