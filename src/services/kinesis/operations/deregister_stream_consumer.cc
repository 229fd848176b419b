// SPDX-License-Identifier: Apache-2.0
// DeregisterStreamConsumer: its subscriptions end; by its ARN or by the stream and its name.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeregisterStreamConsumer.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct DeregisterStreamConsumerInput {
    std::optional<std::string> stream_arn;
    std::optional<std::string> consumer_name;
    std::optional<std::string> consumer_arn;

    static constexpr auto shape() {
        using I = DeregisterStreamConsumerInput;
        return wire::structure("DeregisterStreamConsumerInput", stream_arn_member<&I::stream_arn>(),
                               consumer_name_member<&I::consumer_name>(),
                               consumer_arn_member<&I::consumer_arn>());
    }
};

Task<Result<wire::Empty>> deregister_stream_consumer(Kinesis& kinesis, Caller,
                                                     DeregisterStreamConsumerInput input) {
    MILL_CO_TRY(auto consumer,
                kinesis.find_consumer(input.stream_arn, input.consumer_name, input.consumer_arn));
    MILL_CO_CHECK(co_await kinesis.deregister_consumer(std::move(consumer)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation deregister_stream_consumer_operation;
const wire::Operation deregister_stream_consumer_operation =
    wire::operation<&deregister_stream_consumer>("DeregisterStreamConsumer");

}  // namespace mill::kinesis
