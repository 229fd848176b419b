// SPDX-License-Identifier: Apache-2.0
// ListUsers: those whose path begins with a prefix, in the order of their names.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
#include "services/iam/declarations.h"

namespace mill::iam {
namespace {

struct ListUsersInput {
    Text path_prefix, marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListUsersInput;
        return wire::structure("ListUsersRequest", path_prefix_member<&I::path_prefix>(),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

struct ListUsersOutput {
    std::vector<UserDescription> users;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListUsersOutput;
        return wire::structure("ListUsersResponse", wire::member<&O::users>("Users"),
                               wire::member<&O::is_truncated>("IsTruncated"),
                               wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListUsersOutput>> list_users(Iam& iam, Caller caller, ListUsersInput input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const auto found, page_of_rows<User>(iam, caller.account, input.path_prefix, page));
    ListUsersOutput output{.is_truncated = found.is_truncated, .marker = found.marker};
    for (const User& user : found.rows) output.users.push_back(describe(user, false));
    co_return output;
}

}  // namespace

extern const wire::Operation list_users_operation;
const wire::Operation list_users_operation = wire::operation<&list_users>("ListUsers");

}  // namespace mill::iam
