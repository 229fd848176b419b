// SPDX-License-Identifier: Apache-2.0
// What an update makes of a stream's shards: parents closed, children open, as rows. Pure; whoever
// calls commits the row.
// https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
#pragma once

#include "model/reshard.h"
#include "services/kinesis/stream.h"

namespace mill::kinesis {

// Sorted by hash key.
std::vector<model::OpenShard> open_shards(const StreamRow& row);
const ShardRow* find_shard(const StreamRow& row, std::int64_t index);
model::HashRange range_of(const ShardRow& shard);

// The splits and merges that an update asks for; it has been found right for this row.
std::vector<model::ReshardStep> steps_of(const StreamRow& row, const StreamUpdate& update);
// Carries them out at `time`, which is later than all that happened in the shards concerned.
// Short-lived shards open and close at that very time and never take a record.
void reshard(StreamRow& row, const std::vector<model::ReshardStep>& steps, WallTime time);
// Takes out the closed shards that ended before `horizon`, and returns them.
std::vector<ShardRow> take_expired(StreamRow& row, WallTime horizon);

}  // namespace mill::kinesis
