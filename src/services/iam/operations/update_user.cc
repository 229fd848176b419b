// SPDX-License-Identifier: Apache-2.0
// UpdateUser: another name or path.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
#include "services/iam/renames.h"

namespace mill::iam {
namespace {

struct UpdateUserInput {
    Text name, new_path, new_name;

    static constexpr auto shape() {
        using I = UpdateUserInput;
        return wire::structure("UpdateUserRequest", principal_member<User, &I::name>(),
                               path_member<&I::new_path>("NewPath"),
                               name_member<&I::new_name>("NewUserName", 64));
    }
};

Task<Result<wire::Empty>> update_user(Iam& iam, Caller caller, UpdateUserInput input) {
    const std::string& account = caller.account;
    MILL_CO_TRY(User user, iam.need<User>(account, *input.name));
    const std::string old_name = user.name;
    storage::Table::Commit commit;
    MILL_CO_CHECK(rename(iam, account, user, "user", input.new_name, input.new_path, commit));
    if (user.name != old_name) {
        for (const std::string& group : user.groups) {
            commit.erases.push_back(member_row(account, group, old_name));
            mark(commit, member_row(account, group, user.name));
        }
        MILL_CO_TRY(const auto keys, iam.names(key_of_user_row(account, old_name, "")));
        for (const std::string& id : keys) {
            MILL_CO_TRY(AccessKey key, iam.need_key(account, id));
            key.user = user.name;
            put_key(key, commit);
            commit.erases.push_back(key_of_user_row(account, old_name, id));
            mark(commit, key_of_user_row(account, user.name, id));
        }
    }
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation update_user_operation;
const wire::Operation update_user_operation = wire::operation<&update_user>("UpdateUser");

}  // namespace mill::iam
