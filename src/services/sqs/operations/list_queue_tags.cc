// SPDX-License-Identifier: Apache-2.0
// ListQueueTags: the tags of a queue.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct ListQueueTagsInput {
    std::optional<std::string> queue_url;

    static constexpr auto shape() {
        return wire::structure("ListQueueTagsRequest",
                               queue_url_member<&ListQueueTagsInput::queue_url>());
    }
};

struct ListQueueTagsOutput {
    std::optional<Tags> tags;

    static constexpr auto shape() {
        return wire::structure("ListQueueTagsResult",
                               tags_member<&ListQueueTagsOutput::tags>("Tags"));
    }
};

Task<Result<ListQueueTagsOutput>> list_queue_tags(Sqs& sqs, Caller caller,
                                                  ListQueueTagsInput input) {
    MILL_CO_TRY(const auto queue, sqs.find_queue(caller, *input.queue_url));
    ListQueueTagsOutput output;
    if (!queue->row().tags.empty()) output.tags = queue->row().tags;
    co_return output;
}

}  // namespace

extern const wire::Operation list_queue_tags_operation;
const wire::Operation list_queue_tags_operation =
    wire::operation<&list_queue_tags>("ListQueueTags");

}  // namespace mill::sqs
