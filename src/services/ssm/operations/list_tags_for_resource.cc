// SPDX-License-Identifier: Apache-2.0
// ListTagsForResource: the tags of a parameter.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct ListTagsForResourceInput {
    Text type, id;

    static constexpr auto shape() {
        using I = ListTagsForResourceInput;
        return wire::structure(
            "ListTagsForResourceRequest",
            wire::member<&I::type>("ResourceType").required().one_of(resource_types),
            wire::member<&I::id>("ResourceId").required());
    }
};

struct ListTagsForResourceOutput {
    std::vector<Tag> tags;

    static constexpr auto shape() {
        return wire::structure("ListTagsForResourceResult",
                               wire::member<&ListTagsForResourceOutput::tags>("TagList"));
    }
};

Task<Result<ListTagsForResourceOutput>> list_tags_for_resource(Ssm& ssm, Caller caller,
                                                               ListTagsForResourceInput input) {
    MILL_CO_TRY(const Parameter parameter, tagged(ssm, caller, *input.type, *input.id));
    ListTagsForResourceOutput output;
    for (const auto& [key, value] : parameter.tags) output.tags.push_back({key, value});
    co_return output;
}

}  // namespace

extern const wire::Operation list_tags_for_resource_operation;
const wire::Operation list_tags_for_resource_operation =
    wire::operation<&list_tags_for_resource>("ListTagsForResource");

}  // namespace mill::ssm
