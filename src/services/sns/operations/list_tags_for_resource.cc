// SPDX-License-Identifier: Apache-2.0
// ListTagsForResource: the tags of a topic.
// https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct ListTagsForResourceInput {
    std::optional<std::string> resource_arn;

    static constexpr auto shape() {
        return wire::structure("ListTagsForResourceRequest",
                               wire::member<&ListTagsForResourceInput::resource_arn>("ResourceArn")
                                   .required()
                                   .length(1, 1011));
    }
};

struct ListTagsForResourceOutput {
    std::vector<Tag> tags;

    static constexpr auto shape() {
        return wire::structure("ListTagsForResourceResponse",
                               wire::member<&ListTagsForResourceOutput::tags>("Tags"));
    }
};

Task<Result<ListTagsForResourceOutput>> list_tags_for_resource(Sns& sns, Caller,
                                                               ListTagsForResourceInput input) {
    MILL_CO_TRY(const auto topic, found_resource(sns, *input.resource_arn));
    ListTagsForResourceOutput output;
    for (const auto& [key, value] : topic->row.tags) output.tags.push_back({key, value});
    co_return output;
}

}  // namespace

extern const wire::Operation list_tags_for_resource_operation;
const wire::Operation list_tags_for_resource_operation =
    wire::operation<&list_tags_for_resource>("ListTagsForResource");

}  // namespace mill::sns
