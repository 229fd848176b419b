// SPDX-License-Identifier: Apache-2.0
// ListTagsForResource: the tags of a repository.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListTagsForResource.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct ListTagsForResourceInput {
    Text arn;

    static constexpr auto shape() {
        return wire::structure(
            "ListTagsForResourceRequest",
            wire::member<&ListTagsForResourceInput::arn>("resourceArn").required());
    }
};

struct ListTagsForResourceOutput {
    std::vector<Tag> tags;

    static constexpr auto shape() {
        return wire::structure("ListTagsForResourceResponse",
                               wire::member<&ListTagsForResourceOutput::tags>("tags"));
    }
};

Task<Result<ListTagsForResourceOutput>> list_tags_for_resource(Ecr& ecr, Caller,
                                                               ListTagsForResourceInput input) {
    MILL_CO_TRY(const Repository repository, ecr.need_by_arn(*input.arn));
    ListTagsForResourceOutput output;
    for (const auto& [key, value] : repository.tags) output.tags.push_back({key, value});
    co_return output;
}

}  // namespace

extern const wire::Operation list_tags_for_resource_operation;
const wire::Operation list_tags_for_resource_operation =
    wire::operation<&list_tags_for_resource>("ListTagsForResource");

}  // namespace mill::ecr
