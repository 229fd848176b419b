// SPDX-License-Identifier: Apache-2.0
// CreateRole: makes a role that those whom the trust policy names may assume.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct CreateRoleInput {
    Text path, name, trust, description, boundary;
    std::optional<std::int64_t> max_session_seconds;
    std::optional<TagList> tags;

    static constexpr auto shape() {
        using I = CreateRoleInput;
        return wire::structure(
            "CreateRoleRequest", path_member<&I::path>(), principal_member<Role, &I::name>(),
            document_member<&I::trust>("AssumeRolePolicyDocument"),
            role_description_member<&I::description>(),
            max_session_member<&I::max_session_seconds>(),
            arn_member<&I::boundary>("PermissionsBoundary"), tags_member<&I::tags>());
    }
};

struct CreateRoleOutput {
    RoleDescription role;
    static constexpr auto shape() {
        return wire::structure("CreateRoleResponse", wire::member<&CreateRoleOutput::role>("Role"));
    }
};

Task<Result<CreateRoleOutput>> create_role(Iam& iam, Caller caller, CreateRoleInput input) {
    MILL_CO_TRY(Tags tags, tags_of(input.tags));
    storage::Table::Commit commit;
    RoleDraft draft{.name = *std::move(input.name),
                    .path = std::move(input.path),
                    .description = std::move(input.description),
                    .boundary = std::move(input.boundary),
                    .trust = *std::move(input.trust),
                    .max_session_seconds = input.max_session_seconds,
                    .tags = std::move(tags)};
    MILL_CO_TRY(const Role role, make_role(iam, caller.account, std::move(draft), commit));
    put(commit, caller.account, role);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    CreateRoleOutput output{describe(role, true)};
    output.role.last_used.reset();
    co_return output;
}

}  // namespace

extern const wire::Operation create_role_operation;
const wire::Operation create_role_operation = wire::operation<&create_role>("CreateRole");

}  // namespace mill::iam
