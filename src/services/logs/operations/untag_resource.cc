// SPDX-License-Identifier: Apache-2.0
// UntagResource: takes tags from a log group.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct UntagResourceInput {
    std::optional<std::string> resource_arn;
    std::optional<std::vector<std::string>> tag_keys;

    static constexpr auto shape() {
        return wire::structure("UntagResourceRequest",
                               resource_arn_member<&UntagResourceInput::resource_arn>(),
                               wire::member<&UntagResourceInput::tag_keys>("tagKeys")
                                   .required()
                                   .length(0, tags_max)
                                   .item_length(1, tag_key_length_max));
    }
};

Task<Result<wire::Empty>> untag_resource(Logs& logs, Caller caller, UntagResourceInput input) {
    MILL_CO_TRY(const auto group, tagged_group(logs, caller, *input.resource_arn));
    Tags tags = group->row().tags;
    for (const std::string& key : *input.tag_keys) tags.erase(key);
    group->set_tags(std::move(tags));
    MILL_CO_CHECK(co_await logs.save(group));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation untag_resource_operation;
const wire::Operation untag_resource_operation = operation<&untag_resource>("UntagResource");

}  // namespace mill::logs
