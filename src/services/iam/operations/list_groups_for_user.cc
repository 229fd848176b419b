// SPDX-License-Identifier: Apache-2.0
// ListGroupsForUser: the groups that a user is in.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html
#include "services/iam/principals.h"

namespace mill::iam {
namespace {

struct ListGroupsForUserOutput {
    std::vector<GroupDescription> groups;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListGroupsForUserOutput;
        return wire::structure("ListGroupsForUserResponse", wire::member<&O::groups>("Groups"),
                               wire::member<&O::is_truncated>("IsTruncated"),
                               wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListGroupsForUserOutput>> list_groups_for_user(Iam& iam, Caller caller,
                                                           PrincipalPageInput<User> input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const User user, iam.need<User>(caller.account, *input.name));
    ListGroupsForUserOutput output;
    for (const std::string& name : user.groups) {
        MILL_CO_TRY(const auto group, iam.find<Group>(caller.account, name));
        if (group) output.groups.push_back(describe(*group, false));
    }
    output.groups = cut_page(std::move(output.groups), page, &GroupDescription::name,
                             &output.is_truncated, &output.marker);
    co_return output;
}

}  // namespace

extern const wire::Operation list_groups_for_user_operation;
const wire::Operation list_groups_for_user_operation =
    wire::operation<&list_groups_for_user>("ListGroupsForUser");

}  // namespace mill::iam
