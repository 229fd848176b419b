// SPDX-License-Identifier: Apache-2.0
// DescribeStreamConsumer: by its ARN or by the stream and its name.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamConsumer.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct DescribeStreamConsumerInput {
    std::optional<std::string> stream_arn;
    std::optional<std::string> consumer_name;
    std::optional<std::string> consumer_arn;

    static constexpr auto shape() {
        using I = DescribeStreamConsumerInput;
        return wire::structure("DescribeStreamConsumerInput", stream_arn_member<&I::stream_arn>(),
                               consumer_name_member<&I::consumer_name>(),
                               consumer_arn_member<&I::consumer_arn>());
    }
};

struct ConsumerDescription {
    std::string consumer_name;
    std::string consumer_arn;
    std::string consumer_status;
    WallTime consumer_creation_timestamp;
    std::string stream_arn;

    static constexpr auto shape() {
        using C = ConsumerDescription;
        return wire::structure(
            "ConsumerDescription", wire::member<&C::consumer_name>("ConsumerName"),
            wire::member<&C::consumer_arn>("ConsumerARN"),
            wire::member<&C::consumer_status>("ConsumerStatus"),
            wire::member<&C::consumer_creation_timestamp>("ConsumerCreationTimestamp"),
            wire::member<&C::stream_arn>("StreamARN"));
    }
};

struct DescribeStreamConsumerOutput {
    ConsumerDescription description;

    static constexpr auto shape() {
        return wire::structure(
            "DescribeStreamConsumerOutput",
            wire::member<&DescribeStreamConsumerOutput::description>("ConsumerDescription"));
    }
};

Task<Result<DescribeStreamConsumerOutput>> describe_stream_consumer(
    Kinesis& kinesis, Caller, DescribeStreamConsumerInput input) {
    MILL_CO_TRY(const auto consumer,
                kinesis.find_consumer(input.stream_arn, input.consumer_name, input.consumer_arn));
    const ConsumerRow& row = consumer->row;
    co_return DescribeStreamConsumerOutput{
        {row.name, row.arn(), row.status, row.created(), row.stream_arn}};
}

}  // namespace

extern const wire::Operation describe_stream_consumer_operation;
const wire::Operation describe_stream_consumer_operation =
    wire::operation<&describe_stream_consumer>("DescribeStreamConsumer");

}  // namespace mill::kinesis
