// SPDX-License-Identifier: Apache-2.0
// PurgeQueue: deletes the messages that are there. It is done when answered, so there is no
// minute to wait before the next one.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct PurgeQueueInput {
    std::optional<std::string> queue_url;

    static constexpr auto shape() {
        return wire::structure("PurgeQueueRequest",
                               queue_url_member<&PurgeQueueInput::queue_url>());
    }
};

Task<Result<wire::Empty>> purge_queue(Sqs& sqs, Caller caller, PurgeQueueInput input) {
    MILL_CO_TRY(const auto queue, co_await sqs.ready_queue(caller, *std::move(input.queue_url)));
    MILL_CO_CHECK(co_await queue->purge());
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation purge_queue_operation;
const wire::Operation purge_queue_operation = wire::operation<&purge_queue>("PurgeQueue");

}  // namespace mill::sqs
