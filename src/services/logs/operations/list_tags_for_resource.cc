// SPDX-License-Identifier: Apache-2.0
// ListTagsForResource: of a log group.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct ListTagsForResourceInput {
    std::optional<std::string> resource_arn;

    static constexpr auto shape() {
        return wire::structure("ListTagsForResourceRequest",
                               resource_arn_member<&ListTagsForResourceInput::resource_arn>());
    }
};

struct ListTagsForResourceOutput {
    Tags tags;

    static constexpr auto shape() {
        return wire::structure("ListTagsForResourceResponse",
                               wire::member<&ListTagsForResourceOutput::tags>("tags"));
    }
};

Task<Result<ListTagsForResourceOutput>> list_tags_for_resource(Logs& logs, Caller caller,
                                                               ListTagsForResourceInput input) {
    MILL_CO_TRY(const auto group, tagged_group(logs, caller, *input.resource_arn));
    co_return ListTagsForResourceOutput{group->row().tags};
}

}  // namespace

extern const wire::Operation list_tags_for_resource_operation;
const wire::Operation list_tags_for_resource_operation =
    operation<&list_tags_for_resource>("ListTagsForResource");

}  // namespace mill::logs
