// SPDX-License-Identifier: Apache-2.0
// CreateUser: makes a user without policies and keys.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct CreateUserInput {
    Text path, name, boundary;
    std::optional<TagList> tags;

    static constexpr auto shape() {
        using I = CreateUserInput;
        return wire::structure("CreateUserRequest", path_member<&I::path>(),
                               name_member<&I::name>("UserName", 64).required(),
                               arn_member<&I::boundary>("PermissionsBoundary"),
                               tags_member<&I::tags>());
    }
};

struct CreateUserOutput {
    UserDescription user;
    static constexpr auto shape() {
        return wire::structure("CreateUserResponse", wire::member<&CreateUserOutput::user>("User"));
    }
};

Task<Result<CreateUserOutput>> create_user(Iam& iam, Caller caller, CreateUserInput input) {
    MILL_CO_TRY(Tags tags, tags_of(input.tags));
    storage::Table::Commit commit;
    MILL_CO_TRY(const User user, make_user(iam, caller.account, *std::move(input.name), input.path,
                                           input.boundary, std::move(tags), commit));
    put(commit, caller.account, user);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return CreateUserOutput{describe(user, true)};
}

}  // namespace

extern const wire::Operation create_user_operation;
const wire::Operation create_user_operation = wire::operation<&create_user>("CreateUser");

}  // namespace mill::iam
