// SPDX-License-Identifier: Apache-2.0
// CreateQueue: makes a queue, or finds the one that is there with these attributes.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct CreateQueueInput {
    std::optional<std::string> queue_name;
    std::optional<Attributes> attributes;
    std::optional<std::map<std::string, std::string>> tags;

    static constexpr auto shape() {
        using I = CreateQueueInput;
        return wire::structure("CreateQueueRequest",
                               wire::member<&I::queue_name>("QueueName").required(),
                               attributes_member<&I::attributes>(), tags_member<&I::tags>("tags"));
    }
};

struct CreateQueueOutput {
    std::string queue_url;

    static constexpr auto shape() {
        return wire::structure("CreateQueueResult",
                               wire::member<&CreateQueueOutput::queue_url>("QueueUrl"));
    }
};

Task<Result<CreateQueueOutput>> create_queue(Sqs& sqs, Caller caller, CreateQueueInput input) {
    MILL_CO_CHECK(check_tags(input.tags.value_or(Tags())));
    MILL_CO_TRY(const auto queue,
                co_await sqs.create_queue(caller, *std::move(input.queue_name),
                                          std::move(input.attributes).value_or(Attributes()),
                                          std::move(input.tags).value_or(Tags())));
    co_return CreateQueueOutput{sqs.url_of(caller, queue->row())};
}

}  // namespace

extern const wire::Operation create_queue_operation;
const wire::Operation create_queue_operation = wire::operation<&create_queue>("CreateQueue");

}  // namespace mill::sqs
