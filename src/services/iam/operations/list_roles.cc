// SPDX-License-Identifier: Apache-2.0
// ListRoles: those whose path begins with a prefix, in the order of their names.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
#include "services/iam/declarations.h"

namespace mill::iam {
namespace {

struct ListRolesInput {
    Text path_prefix, marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListRolesInput;
        return wire::structure("ListRolesRequest", path_prefix_member<&I::path_prefix>(),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

struct ListRolesOutput {
    std::vector<RoleDescription> roles;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListRolesOutput;
        return wire::structure("ListRolesResponse", wire::member<&O::roles>("Roles"),
                               wire::member<&O::is_truncated>("IsTruncated"),
                               wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListRolesOutput>> list_roles(Iam& iam, Caller caller, ListRolesInput input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const auto found, page_of_rows<Role>(iam, caller.account, input.path_prefix, page));
    ListRolesOutput output{.is_truncated = found.is_truncated, .marker = found.marker};
    for (const Role& role : found.rows) output.roles.push_back(describe(role, false));
    co_return output;
}

}  // namespace

extern const wire::Operation list_roles_operation;
const wire::Operation list_roles_operation = wire::operation<&list_roles>("ListRoles");

}  // namespace mill::iam
