// SPDX-License-Identifier: Apache-2.0
// UntagQueue: takes tags away. Those that are not there are no error.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct UntagQueueInput {
    std::optional<std::string> queue_url;
    std::optional<std::vector<std::string>> tag_keys;

    static constexpr auto shape() {
        using I = UntagQueueInput;
        return wire::structure("UntagQueueRequest", queue_url_member<&I::queue_url>(),
                               wire::member<&I::tag_keys>("TagKeys").required().flat("TagKey"));
    }
};

Task<Result<wire::Empty>> untag_queue(Sqs& sqs, Caller caller, UntagQueueInput input) {
    MILL_CO_TRY(auto queue, sqs.find_queue(caller, *input.queue_url));
    const auto change = [keys = *std::move(input.tag_keys)](QueueRow& row) -> Result<void> {
        for (const std::string& key : keys) row.tags.erase(key);
        return {};
    };
    MILL_CO_CHECK(co_await sqs.change_row(std::move(queue), change));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation untag_queue_operation;
const wire::Operation untag_queue_operation = wire::operation<&untag_queue>("UntagQueue");

}  // namespace mill::sqs
