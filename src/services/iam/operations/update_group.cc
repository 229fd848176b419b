// SPDX-License-Identifier: Apache-2.0
// UpdateGroup: another name or path.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html
#include "services/iam/renames.h"

namespace mill::iam {
namespace {

struct UpdateGroupInput {
    Text name, new_path, new_name;

    static constexpr auto shape() {
        using I = UpdateGroupInput;
        return wire::structure("UpdateGroupRequest", principal_member<Group, &I::name>(),
                               path_member<&I::new_path>("NewPath"),
                               name_member<&I::new_name>("NewGroupName"));
    }
};

Task<Result<wire::Empty>> update_group(Iam& iam, Caller caller, UpdateGroupInput input) {
    const std::string& account = caller.account;
    MILL_CO_TRY(Group group, iam.need<Group>(account, *input.name));
    const std::string old_name = group.name;
    storage::Table::Commit commit;
    MILL_CO_CHECK(rename(iam, account, group, "group", input.new_name, input.new_path, commit));
    if (group.name != old_name) {
        MILL_CO_TRY(const auto members, iam.names(member_row(account, old_name, "")));
        for (const std::string& name : members) {
            MILL_CO_TRY(User user, iam.need<User>(account, name));
            std::ranges::replace(user.groups, old_name, group.name);
            put(commit, account, user);
            commit.erases.push_back(member_row(account, old_name, name));
            mark(commit, member_row(account, group.name, name));
        }
    }
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation update_group_operation;
const wire::Operation update_group_operation = wire::operation<&update_group>("UpdateGroup");

}  // namespace mill::iam
