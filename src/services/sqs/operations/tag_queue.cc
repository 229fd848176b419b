// SPDX-License-Identifier: Apache-2.0
// TagQueue: adds tags, or gives new values to those that are there.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct TagQueueInput {
    std::optional<std::string> queue_url;
    std::optional<Tags> tags;

    static constexpr auto shape() {
        using I = TagQueueInput;
        return wire::structure("TagQueueRequest", queue_url_member<&I::queue_url>(),
                               tags_member<&I::tags>("Tags").required());
    }
};

Task<Result<wire::Empty>> tag_queue(Sqs& sqs, Caller caller, TagQueueInput input) {
    MILL_CO_TRY(auto queue, sqs.find_queue(caller, *input.queue_url));
    const auto change = [tags = *std::move(input.tags)](QueueRow& row) -> Result<void> {
        for (const auto& [key, value] : tags) row.tags.insert_or_assign(key, value);
        return check_tags(row.tags);
    };
    MILL_CO_CHECK(co_await sqs.change_row(std::move(queue), change));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation tag_queue_operation;
const wire::Operation tag_queue_operation = wire::operation<&tag_queue>("TagQueue");

}  // namespace mill::sqs
