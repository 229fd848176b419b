// SPDX-License-Identifier: Apache-2.0
// GetGroup: a group and its members.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct GetGroupOutput {
    GroupDescription group;
    std::vector<UserDescription> users;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = GetGroupOutput;
        return wire::structure(
            "GetGroupResponse", wire::member<&O::group>("Group"), wire::member<&O::users>("Users"),
            wire::member<&O::is_truncated>("IsTruncated"), wire::member<&O::marker>("Marker"));
    }
};

Task<Result<GetGroupOutput>> get_group(Iam& iam, Caller caller, PrincipalPageInput<Group> input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const Group group, iam.need<Group>(caller.account, *input.name));
    MILL_CO_TRY(auto members, iam.names(member_row(caller.account, group.name, ""), page.after,
                                        page.items_max + 1));
    GetGroupOutput output{.group = describe(group, true),
                          .is_truncated = members.size() > page.items_max};
    if (output.is_truncated) {
        members.pop_back();
        output.marker = marker_after(members.back());
    }
    for (const std::string& name : members) {
        MILL_CO_TRY(const auto user, iam.find<User>(caller.account, name));
        if (user) output.users.push_back(describe(*user, false));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation get_group_operation;
const wire::Operation get_group_operation = wire::operation<&get_group>("GetGroup");

}  // namespace mill::iam
