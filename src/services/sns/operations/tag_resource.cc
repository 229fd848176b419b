// SPDX-License-Identifier: Apache-2.0
// TagResource: adds tags to a topic, or gives new values to those that are there.
// https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct TagResourceInput {
    std::optional<std::string> resource_arn;
    std::optional<std::vector<Tag>> tags;

    static constexpr auto shape() {
        using I = TagResourceInput;
        return wire::structure(
            "TagResourceRequest",
            wire::member<&I::resource_arn>("ResourceArn").required().length(1, 1011),
            wire::member<&I::tags>("Tags").required());
    }
};

struct TagResourceOutput {
    static constexpr auto shape() { return wire::structure("TagResourceResponse"); }
};

Task<Result<TagResourceOutput>> tag_resource(Sns& sns, Caller, TagResourceInput input) {
    MILL_CO_TRY(auto topic, found_resource(sns, *input.resource_arn));
    const auto change = [tags = tags_of(input.tags)](TopicRow& row) -> Result<void> {
        for (const auto& [key, value] : tags) row.tags.insert_or_assign(key, value);
        return check_tag_count(row.tags);
    };
    MILL_CO_CHECK(co_await sns.change_topic(std::move(topic), change));
    co_return TagResourceOutput{};
}

}  // namespace

extern const wire::Operation tag_resource_operation;
const wire::Operation tag_resource_operation = wire::operation<&tag_resource>("TagResource");

}  // namespace mill::sns
