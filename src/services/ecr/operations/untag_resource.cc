// SPDX-License-Identifier: Apache-2.0
// UntagResource: takes tags from a repository.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UntagResource.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct UntagResourceInput {
    Text arn;
    std::optional<std::vector<std::string>> keys;

    static constexpr auto shape() {
        using I = UntagResourceInput;
        return wire::structure("UntagResourceRequest",
                               wire::member<&I::arn>("resourceArn").required(),
                               wire::member<&I::keys>("tagKeys").required());
    }
};

struct UntagResourceOutput {
    static constexpr auto shape() { return wire::structure("UntagResourceResponse"); }
};

Task<Result<UntagResourceOutput>> untag_resource(Ecr& ecr, Caller, UntagResourceInput input) {
    MILL_CO_TRY(Repository repository, ecr.need_by_arn(*input.arn));
    for (const std::string& key : *input.keys) repository.tags.erase(key);
    MILL_CO_CHECK(co_await ecr.store(std::move(repository)));
    co_return UntagResourceOutput{};
}

}  // namespace

extern const wire::Operation untag_resource_operation;
const wire::Operation untag_resource_operation = wire::operation<&untag_resource>("UntagResource");

}  // namespace mill::ecr
