// SPDX-License-Identifier: Apache-2.0
// ListGroups: those whose path begins with a prefix, in the order of their names.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html
#include "services/iam/declarations.h"

namespace mill::iam {
namespace {

struct ListGroupsInput {
    Text path_prefix, marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListGroupsInput;
        return wire::structure("ListGroupsRequest", path_prefix_member<&I::path_prefix>(),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

struct ListGroupsOutput {
    std::vector<GroupDescription> groups;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListGroupsOutput;
        return wire::structure("ListGroupsResponse", wire::member<&O::groups>("Groups"),
                               wire::member<&O::is_truncated>("IsTruncated"),
                               wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListGroupsOutput>> list_groups(Iam& iam, Caller caller, ListGroupsInput input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const auto found,
                page_of_rows<Group>(iam, caller.account, input.path_prefix, page));
    ListGroupsOutput output{.is_truncated = found.is_truncated, .marker = found.marker};
    for (const Group& group : found.rows) output.groups.push_back(describe(group, false));
    co_return output;
}

}  // namespace

extern const wire::Operation list_groups_operation;
const wire::Operation list_groups_operation = wire::operation<&list_groups>("ListGroups");

}  // namespace mill::iam
