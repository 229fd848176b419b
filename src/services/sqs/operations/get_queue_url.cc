// SPDX-License-Identifier: Apache-2.0
// GetQueueUrl: the URL of a queue, at the endpoint that the client used.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct GetQueueUrlInput {
    std::optional<std::string> queue_name;
    std::optional<std::string> owner;

    static constexpr auto shape() {
        using I = GetQueueUrlInput;
        return wire::structure("GetQueueUrlRequest",
                               wire::member<&I::queue_name>("QueueName").required(),
                               wire::member<&I::owner>("QueueOwnerAWSAccountId"));
    }
};

struct GetQueueUrlOutput {
    std::string queue_url;

    static constexpr auto shape() {
        return wire::structure("GetQueueUrlResult",
                               wire::member<&GetQueueUrlOutput::queue_url>("QueueUrl"));
    }
};

Task<Result<GetQueueUrlOutput>> get_queue_url(Sqs& sqs, Caller caller, GetQueueUrlInput input) {
    MILL_CO_TRY(const auto queue, sqs.find_queue(input.owner.value_or(caller.account),
                                                 caller.region, *input.queue_name));
    co_return GetQueueUrlOutput{sqs.url_of(caller, queue->row())};
}

}  // namespace

extern const wire::Operation get_queue_url_operation;
const wire::Operation get_queue_url_operation = wire::operation<&get_queue_url>("GetQueueUrl");

}  // namespace mill::sqs
