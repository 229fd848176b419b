// SPDX-License-Identifier: Apache-2.0
// SubscribeToShard: a consumer's records of one shard, pushed (subscription.h).
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
#include <fmt/format.h>

#include "services/kinesis/descriptions.h"
#include "services/kinesis/start_position.h"
#include "services/kinesis/subscription.h"

namespace mill::kinesis {
namespace {

struct StartingPosition {
    std::optional<std::string> type;
    std::optional<std::string> sequence_number;
    std::optional<WallTime> timestamp;

    static constexpr auto shape() {
        using P = StartingPosition;
        return wire::structure(
            "StartingPosition", wire::member<&P::type>("Type").required().one_of(iterator_types),
            wire::member<&P::sequence_number>("SequenceNumber").pattern(sequence_number_pattern),
            wire::member<&P::timestamp>("Timestamp"));
    }
};

struct SubscribeToShardInput {
    std::optional<std::string> consumer_arn;
    std::optional<std::string> shard_id;
    std::optional<StartingPosition> starting_position;

    static constexpr auto shape() {
        using I = SubscribeToShardInput;
        return wire::structure("SubscribeToShardInput",
                               consumer_arn_member<&I::consumer_arn>().required(),
                               shard_id_member<&I::shard_id>("ShardId").required(),
                               wire::member<&I::starting_position>("StartingPosition").required());
    }
};

struct SubscribeToShardOutput {
    std::shared_ptr<wire::EventSource> events;

    static constexpr auto shape() {
        return wire::structure("SubscribeToShardOutput",
                               wire::event_stream<SubscribeToShardEvents>("EventStream"));
    }
};

Result<void> check_active(const ConsumerRow& consumer, const StreamRow& stream) {
    if (consumer.status == "ACTIVE") return {};
    return fail("ResourceInUseException",
                fmt::format("Consumer {} with creation timestamp {} under stream: {}, account {} "
                            "is not in ACTIVE status.",
                            consumer.name, consumer.created_ms / 1000, stream.name, stream.account),
                400);
}

Task<Result<SubscribeToShardOutput>> subscribe_to_shard(Kinesis& kinesis, Caller,
                                                        SubscribeToShardInput input) {
    StartPosition from{.operation = "SubscribeToShard",
                       .type = *std::move(input.starting_position->type),
                       .sequence_number = std::move(input.starting_position->sequence_number),
                       .timestamp = input.starting_position->timestamp};
    MILL_CO_CHECK(check(from, kinesis.now()));
    MILL_CO_TRY(const ConsumerPointer consumer, kinesis.find_consumer(*input.consumer_arn));
    MILL_CO_TRY(const StreamPointer stream, kinesis.find_stream(consumer->row.stream_arn));
    MILL_CO_CHECK(check_active(consumer->row, stream->row()));
    const ShardPointer shard = stream->find_shard(*input.shard_id);
    if (!shard)
        co_return shard_not_found(*input.shard_id, stream->row().name, stream->row().account);
    MILL_CO_TRY(const storage::Offset offset, co_await resolve(stream, shard, std::move(from)));
    MILL_CO_TRY(auto events, Subscription::begin(kinesis, consumer, stream, shard, offset));
    co_return SubscribeToShardOutput{std::move(events)};
}

}  // namespace

extern const wire::Operation subscribe_to_shard_operation;
const wire::Operation subscribe_to_shard_operation =
    wire::operation<&subscribe_to_shard>("SubscribeToShard");

}  // namespace mill::kinesis
