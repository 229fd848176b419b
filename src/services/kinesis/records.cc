// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/records.h"

#include <algorithm>

namespace mill::kinesis {

std::vector<RecordOutput> describe_records(const StreamRow& stream, const Shard& shard,
                                           const ShardRun& run) {
    std::vector<RecordOutput> records;
    records.reserve(run.items.size());
    model::SequenceNumbers numbers(shard.identity());
    for (const auto& [offset, record] : run.items) {
        records.push_back({.sequence_number = numbers.at(offset, record.arrival),
                           .approximate_arrival_timestamp = record.arrival,
                           .data = wire::BlobView(record.data),
                           .partition_key = record.partition_key});
    }
    if (!stream.encryption_changes.empty()) {
        for (RecordOutput& record : records) {
            record.encryption_type =
                described_encryption(stream.was_encrypted(record.approximate_arrival_timestamp));
        }
    }
    return records;
}

std::int64_t millis_behind(const Shard& shard, const ShardRun& run, WallTime now) {
    if (run.next >= shard.next() || run.items.empty()) return 0;
    // Something follows: 0 would say that nothing does.
    return std::max<std::int64_t>(1, (now - run.items.back().record.arrival).count());
}

std::vector<ChildShard> describe_children(const Stream& stream, const Shard& parent) {
    std::vector<ChildShard> children;
    for (const ShardPointer& shard : stream.children_of(parent)) {
        ChildShard child{.shard_id = shard->id(), .hash_key_range = describe(shard->range())};
        for (const auto& index : {shard->lineage().parent, shard->lineage().adjacent_parent}) {
            if (index) child.parent_shards.push_back(model::shard_id(*index));
        }
        children.push_back(std::move(child));
    }
    return children;
}

}  // namespace mill::kinesis
