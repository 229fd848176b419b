// SPDX-License-Identifier: Apache-2.0
// Uniform scaling: the splits and merges that lead from the open shards of a stream to a given
// number of shards of one width, as UpdateShardCount promises. Pure.
//
// Every boundary that the new ranges lack is made by a split; what then lies between two of them is
// merged. Doubling thus splits each shard in its middle, halving merges neighbours; other targets
// make short-lived shards on the way.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "model/hash_range.h"

namespace mill::model {

struct OpenShard {
    std::int64_t index = 0;
    HashRange range;
    bool operator==(const OpenShard&) const = default;
};

// The children get the next free indexes, in order: first the one of the lower keys.
struct Split {
    std::int64_t shard = 0;
    HashKey at = 0;  // where the second child begins
    bool operator==(const Split&) const = default;
};
// `adjacent` begins where `shard` ends.
struct Merge {
    std::int64_t shard = 0;
    std::int64_t adjacent = 0;
    bool operator==(const Merge&) const = default;
};
using ReshardStep = std::variant<Split, Merge>;

// AWS: a child has two keys at least.
constexpr bool may_split(const HashRange& range, HashKey at) {
    return at > range.first && at - range.first > 1 && at < range.last;
}

// `open`: sorted, covering every key; the first new shard gets `next_index`. Boundaries that lie a
// few keys apart, as rounding leaves them, count as the same.
std::vector<ReshardStep> plan_uniform(std::span<const OpenShard> open, std::uint32_t target,
                                      std::int64_t next_index);

}  // namespace mill::model
