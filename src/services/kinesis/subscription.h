// SPDX-License-Identifier: Apache-2.0
// Subscription: what SubscribeToShard answers with: the records of one shard for one consumer, as
// they come, for five minutes.
//
// Woken by appends and by changes of the stream, never by the clock but for its heartbeat and its
// end. It holds a position and reads the next batch only when asked for the next event, so that a
// slow client costs no memory. A crash ends it; the client goes on from its last
// ContinuationSequenceNumber.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
#pragma once

#include "services/kinesis/kinesis.h"
#include "services/kinesis/records.h"
#include "wire/events.h"

namespace mill::kinesis {

struct SubscribeToShardEvent {
    std::vector<RecordOutput> records;
    // Behind which the next subscription begins; absent at the end of a shard.
    std::optional<std::string> continuation_sequence_number;
    std::int64_t millis_behind_latest = 0;
    std::optional<std::vector<ChildShard>> child_shards;  // at the end of a shard
    std::vector<storage::StoredBatch> batches;            // that hold the records

    static constexpr auto shape() {
        using E = SubscribeToShardEvent;
        return wire::structure(
            "SubscribeToShardEvent", wire::member<&E::records>("Records"),
            wire::member<&E::continuation_sequence_number>("ContinuationSequenceNumber"),
            wire::member<&E::millis_behind_latest>("MillisBehindLatest"),
            wire::member<&E::child_shards>("ChildShards"));
    }
};

struct SubscribeToShardEvents {
    std::optional<SubscribeToShardEvent> subscribe_to_shard_event;

    static constexpr auto shape() {
        using E = SubscribeToShardEvents;
        return wire::structure("SubscribeToShardEventStream",
                               wire::member<&E::subscribe_to_shard_event>("SubscribeToShardEvent"),
                               wire::event_error("ResourceNotFoundException"),
                               wire::event_error("ResourceInUseException"),
                               wire::event_error("InternalFailureException"));
    }
};

class Subscription final : public wire::EventSource {
  public:
    // Takes the place of the consumer's earlier one of this shard, which then ends.
    // ResourceInUseException when that has hardly begun.
    static Result<std::shared_ptr<Subscription>> begin(Kinesis& kinesis, ConsumerPointer consumer,
                                                       StreamPointer stream, ShardPointer shard,
                                                       storage::Offset from);
    Subscription(Kinesis& kinesis, ConsumerPointer consumer, StreamPointer stream,
                 ShardPointer shard, storage::Offset from);
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription() override;
    Task<Result<std::optional<wire::Event>>> next() override;

  private:
    Failure in_use() const;
    Result<void> check_whether_it_goes_on() const;
    Failure told(const Error& error) const;
    SubscribeToShardEvent describe(ShardRun run);

    Kinesis& kinesis_;
    ConsumerPointer consumer_;
    StreamPointer stream_;
    ShardPointer shard_;
    storage::Offset next_;
    std::string continuation_;
    Instant began_;
    bool is_replaced_ = false;
    bool is_at_end_ = false;  // of the shard, and the client has been told
};

}  // namespace mill::kinesis
