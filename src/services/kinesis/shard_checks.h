// SPDX-License-Identifier: Apache-2.0
// What SplitShard and MergeShards check of the shards that they name.
#pragma once

#include <fmt/format.h>

#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/lineage.h"

namespace mill::kinesis {

inline std::string shard_id_of(const ShardRow& shard) {
    return model::shard_id(static_cast<std::uint32_t>(shard.index));
}

inline Result<const ShardRow*> named_shard(const StreamRow& stream, const std::string& text,
                                           WallTime horizon) {
    const auto index = model::parse_shard_id(text);
    if (!index) return no_such_shard(text, stream);
    const ShardRow* shard = find_shard(stream, *index);
    if (!shard || (shard->closed_ms && from_epoch_ms(*shard->closed_ms) < horizon))
        return no_such_shard(model::shard_id(*index), stream);
    return shard;
}

inline Result<void> check_open(const StreamRow& stream, const ShardRow& shard) {
    if (!shard.closed_ms) return {};
    return invalid_argument(
        fmt::format("Shard {} in stream {} under account {} has already been merged or split, and "
                    "thus is not eligible for merging or splitting.",
                    shard_id_of(shard), stream.name, stream.account));
}

}  // namespace mill::kinesis
