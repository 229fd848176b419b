// SPDX-License-Identifier: Apache-2.0
// Where reading of a shard begins, as GetShardIterator and SubscribeToShard are told.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartingPosition.html
#pragma once

#include <array>

#include "services/kinesis/stream.h"

namespace mill::kinesis {

inline constexpr std::array<std::string_view, 5> iterator_types = {
    "AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"};

struct StartPosition {
    std::string_view operation;  // named in messages
    std::string type;            // one of iterator_types
    std::optional<std::string> sequence_number;
    std::optional<WallTime> timestamp;
};

// What can be told without the shard: InvalidArgumentException.
Result<void> check(const StartPosition& from, WallTime now);
// The first record to read, as of now: records put after LATEST are not missed.
Task<Result<storage::Offset>> resolve(std::shared_ptr<Stream> stream, ShardPointer shard,
                                      StartPosition from);

}  // namespace mill::kinesis
