// SPDX-License-Identifier: Apache-2.0
// TagResource: tags of a log group.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct TagResourceInput {
    std::optional<std::string> resource_arn;
    std::optional<Tags> tags;

    static constexpr auto shape() {
        return wire::structure("TagResourceRequest",
                               resource_arn_member<&TagResourceInput::resource_arn>(),
                               tags_member<&TagResourceInput::tags>().required());
    }
};

Task<Result<wire::Empty>> tag_resource(Logs& logs, Caller caller, TagResourceInput input) {
    MILL_CO_TRY(const auto group, tagged_group(logs, caller, *input.resource_arn));
    MILL_CO_TRY(Tags tags, with_tags(group->row().tags, *input.tags));
    group->set_tags(std::move(tags));
    MILL_CO_CHECK(co_await logs.save(group));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation tag_resource_operation;
const wire::Operation tag_resource_operation = operation<&tag_resource>("TagResource");

}  // namespace mill::logs
