// SPDX-License-Identifier: Apache-2.0
// UntagResource: takes tags from a topic. Those that are not there are no error.
// https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct UntagResourceInput {
    std::optional<std::string> resource_arn;
    std::optional<std::vector<std::string>> tag_keys;

    static constexpr auto shape() {
        using I = UntagResourceInput;
        return wire::structure(
            "UntagResourceRequest",
            wire::member<&I::resource_arn>("ResourceArn").required().length(1, 1011),
            wire::member<&I::tag_keys>("TagKeys").required().item_length(1, 128));
    }
};

struct UntagResourceOutput {
    static constexpr auto shape() { return wire::structure("UntagResourceResponse"); }
};

Task<Result<UntagResourceOutput>> untag_resource(Sns& sns, Caller, UntagResourceInput input) {
    MILL_CO_TRY(auto topic, found_resource(sns, *input.resource_arn));
    const auto change = [keys = *std::move(input.tag_keys)](TopicRow& row) -> Result<void> {
        for (const std::string& key : keys) row.tags.erase(key);
        return {};
    };
    MILL_CO_CHECK(co_await sns.change_topic(std::move(topic), change));
    co_return UntagResourceOutput{};
}

}  // namespace

extern const wire::Operation untag_resource_operation;
const wire::Operation untag_resource_operation = wire::operation<&untag_resource>("UntagResource");

}  // namespace mill::sns
