// SPDX-License-Identifier: Apache-2.0
// What GetRecords and the events of SubscribeToShard say of what was read from a shard.
#pragma once

#include "services/kinesis/descriptions.h"

namespace mill::kinesis {

// Views into the batches of the run.
struct RecordOutput {
    model::SequenceText sequence_number;
    WallTime approximate_arrival_timestamp;
    wire::BlobView data;
    std::string_view partition_key;
    std::optional<std::string_view> encryption_type = {};

    static constexpr auto shape() {
        using R = RecordOutput;
        return wire::structure(
            "Record", wire::member<&R::sequence_number>("SequenceNumber"),
            wire::member<&R::approximate_arrival_timestamp>("ApproximateArrivalTimestamp"),
            wire::member<&R::data>("Data"), wire::member<&R::partition_key>("PartitionKey"),
            wire::member<&R::encryption_type>("EncryptionType"));
    }
};

struct ChildShard {
    std::string shard_id;
    std::vector<std::string> parent_shards;
    HashKeyRange hash_key_range;

    static constexpr auto shape() {
        return wire::structure("ChildShard", wire::member<&ChildShard::shard_id>("ShardId"),
                               wire::member<&ChildShard::parent_shards>("ParentShards"),
                               wire::member<&ChildShard::hash_key_range>("HashKeyRange"));
    }
};

std::vector<RecordOutput> describe_records(const StreamRow& stream, const Shard& shard,
                                           const ShardRun& run);
// How old the last one is if more follows, else 0.
std::int64_t millis_behind(const Shard& shard, const ShardRun& run, WallTime now);
std::vector<ChildShard> describe_children(const Stream& stream, const Shard& parent);

}  // namespace mill::kinesis
