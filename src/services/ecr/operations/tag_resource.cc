// SPDX-License-Identifier: Apache-2.0
// TagResource: adds tags to a repository, or gives new values to those that are there.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_TagResource.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct TagResourceInput {
    Text arn;
    std::optional<std::vector<Tag>> tags;

    static constexpr auto shape() {
        using I = TagResourceInput;
        return wire::structure("TagResourceRequest",
                               wire::member<&I::arn>("resourceArn").required(),
                               wire::member<&I::tags>("tags").required());
    }
};

struct TagResourceOutput {
    static constexpr auto shape() { return wire::structure("TagResourceResponse"); }
};

Task<Result<TagResourceOutput>> tag_resource(Ecr& ecr, Caller, TagResourceInput input) {
    MILL_CO_TRY(Repository repository, ecr.need_by_arn(*input.arn));
    MILL_CO_CHECK(add_tags(repository.tags, input.tags));
    MILL_CO_CHECK(co_await ecr.store(std::move(repository)));
    co_return TagResourceOutput{};
}

}  // namespace

extern const wire::Operation tag_resource_operation;
const wire::Operation tag_resource_operation = wire::operation<&tag_resource>("TagResource");

}  // namespace mill::ecr
