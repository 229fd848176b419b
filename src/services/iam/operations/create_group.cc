// SPDX-License-Identifier: Apache-2.0
// CreateGroup: makes a group without members.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct CreateGroupInput {
    Text path, name;

    static constexpr auto shape() {
        using I = CreateGroupInput;
        return wire::structure("CreateGroupRequest", path_member<&I::path>(),
                               principal_member<Group, &I::name>());
    }
};

struct CreateGroupOutput {
    GroupDescription group;
    static constexpr auto shape() {
        return wire::structure("CreateGroupResponse",
                               wire::member<&CreateGroupOutput::group>("Group"));
    }
};

Task<Result<CreateGroupOutput>> create_group(Iam& iam, Caller caller, CreateGroupInput input) {
    MILL_CO_TRY(const Group group,
                make_group(iam, caller.account, *std::move(input.name), input.path));
    MILL_CO_CHECK(co_await store(iam, caller.account, group));
    co_return CreateGroupOutput{describe(group, true)};
}

}  // namespace

extern const wire::Operation create_group_operation;
const wire::Operation create_group_operation = wire::operation<&create_group>("CreateGroup");

}  // namespace mill::iam
