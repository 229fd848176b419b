// SPDX-License-Identifier: Apache-2.0
// RegisterStreamConsumer: answered once it is durable; CREATING until Options::transition has
// passed. A deregistered consumer's ARN never becomes that of a later one of the same name, unless
// both are made within one second.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct RegisterStreamConsumerInput {
    std::optional<std::string> stream_arn;
    std::optional<std::string> consumer_name;
    std::optional<std::map<std::string, std::string>> tags;

    static constexpr auto shape() {
        using I = RegisterStreamConsumerInput;
        return wire::structure(
            "RegisterStreamConsumerInput", stream_arn_member<&I::stream_arn>().required(),
            consumer_name_member<&I::consumer_name>().required(), tags_member<&I::tags>());
    }
};

struct RegisterStreamConsumerOutput {
    ConsumerSummary consumer;

    static constexpr auto shape() {
        return wire::structure("RegisterStreamConsumerOutput",
                               wire::member<&RegisterStreamConsumerOutput::consumer>("Consumer"));
    }
};

Task<Result<RegisterStreamConsumerOutput>> register_stream_consumer(
    Kinesis& kinesis, Caller, RegisterStreamConsumerInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(*input.stream_arn));
    MILL_CO_TRY(const auto consumer,
                co_await kinesis.register_consumer(
                    std::move(stream), *std::move(input.consumer_name),
                    std::move(input.tags).value_or(std::map<std::string, std::string>())));
    co_return RegisterStreamConsumerOutput{describe(consumer->row)};
}

}  // namespace

extern const wire::Operation register_stream_consumer_operation;
const wire::Operation register_stream_consumer_operation =
    wire::operation<&register_stream_consumer>("RegisterStreamConsumer");

}  // namespace mill::kinesis
