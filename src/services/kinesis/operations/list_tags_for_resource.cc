// SPDX-License-Identifier: Apache-2.0
// ListTagsForResource: all tags of a stream or a consumer, in the order of keys.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForResource.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct ListTagsForResourceInput {
    std::optional<std::string> resource_arn;

    static constexpr auto shape() {
        return wire::structure("ListTagsForResourceInput",
                               resource_arn_member<&ListTagsForResourceInput::resource_arn>());
    }
};

struct ListTagsForResourceOutput {
    std::vector<Tag> tags;

    static constexpr auto shape() {
        return wire::structure("ListTagsForResourceOutput",
                               wire::member<&ListTagsForResourceOutput::tags>("Tags"));
    }
};

Task<Result<ListTagsForResourceOutput>> list_tags_for_resource(Kinesis& kinesis, Caller,
                                                               ListTagsForResourceInput input) {
    MILL_CO_TRY(const auto resource, kinesis.find_resource(*input.resource_arn));
    const auto& tags = resource.stream ? resource.stream->row().tags : resource.consumer->row.tags;
    ListTagsForResourceOutput output;
    for (const auto& [key, value] : tags) output.tags.push_back({key, value});
    co_return output;
}

}  // namespace

extern const wire::Operation list_tags_for_resource_operation;
const wire::Operation list_tags_for_resource_operation =
    wire::operation<&list_tags_for_resource>("ListTagsForResource");

}  // namespace mill::kinesis
