// SPDX-License-Identifier: Apache-2.0
// DeleteQueue: the queue and its messages are gone, for good.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct DeleteQueueInput {
    std::optional<std::string> queue_url;

    static constexpr auto shape() {
        return wire::structure("DeleteQueueRequest",
                               queue_url_member<&DeleteQueueInput::queue_url>());
    }
};

Task<Result<wire::Empty>> delete_queue(Sqs& sqs, Caller caller, DeleteQueueInput input) {
    MILL_CO_TRY(auto queue, sqs.find_queue(caller, *input.queue_url));
    MILL_CO_CHECK(co_await sqs.delete_queue(std::move(queue)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_queue_operation;
const wire::Operation delete_queue_operation = wire::operation<&delete_queue>("DeleteQueue");

}  // namespace mill::sqs
