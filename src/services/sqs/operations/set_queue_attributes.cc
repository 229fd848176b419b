// SPDX-License-Identifier: Apache-2.0
// SetQueueAttributes: in force when answered. An empty text takes an attribute away.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct SetQueueAttributesInput {
    std::optional<std::string> queue_url;
    std::optional<Attributes> attributes;

    static constexpr auto shape() {
        using I = SetQueueAttributesInput;
        return wire::structure("SetQueueAttributesRequest", queue_url_member<&I::queue_url>(),
                               attributes_member<&I::attributes>().required());
    }
};

Task<Result<wire::Empty>> set_queue_attributes(Sqs& sqs, Caller caller,
                                               SetQueueAttributesInput input) {
    MILL_CO_TRY(auto queue, sqs.find_queue(caller, *input.queue_url));
    MILL_CO_CHECK(co_await sqs.set_attributes(std::move(queue), *std::move(input.attributes)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation set_queue_attributes_operation;
const wire::Operation set_queue_attributes_operation =
    wire::operation<&set_queue_attributes>("SetQueueAttributes");

}  // namespace mill::sqs
