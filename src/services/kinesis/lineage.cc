// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/lineage.h"

#include <algorithm>

#include "base/assert.h"

namespace mill::kinesis {
namespace {

ShardRow& shard_at(StreamRow& row, std::int64_t index) {
    const auto found = std::ranges::lower_bound(row.shards, index, {}, &ShardRow::index);
    MILL_ASSERT(found != row.shards.end() && found->index == index);
    return *found;
}

// The newest shard is always open, so it is there and no number is given twice.
std::int64_t next_index(const StreamRow& row) { return row.shards.back().index + 1; }

// Closes the shard and returns it as it is now.
ShardRow close(StreamRow& row, std::int64_t index, WallTime time) {
    ShardRow& shard = shard_at(row, index);
    MILL_ASSERT(!shard.closed_ms);
    shard.closed_ms = epoch_ms(time);
    return shard;
}

void add_child(StreamRow& row, const ShardRow& parent, const ShardRow* adjacent,
               model::HashRange range, WallTime time) {
    std::int64_t parents_s = parent.identity_s();
    if (adjacent) parents_s = std::max(parents_s, adjacent->identity_s());
    ShardRow child{.index = next_index(row),
                   .created_ms = epoch_ms(time),
                   .first_hash_key = model::decimal(range.first),
                   .last_hash_key = model::decimal(range.last),
                   .parent = parent.index};
    if (adjacent) child.adjacent_parent = adjacent->index;
    if (child.identity_s() <= parents_s) child.numbered_s = parents_s + 1;
    row.shards.push_back(std::move(child));
}

void carry_out(StreamRow& row, const model::Split& split, WallTime time) {
    const ShardRow parent = close(row, split.shard, time);
    const model::HashRange range = range_of(parent);
    add_child(row, parent, nullptr, {range.first, split.at - 1}, time);
    add_child(row, parent, nullptr, {split.at, range.last}, time);
}

void carry_out(StreamRow& row, const model::Merge& merge, WallTime time) {
    const ShardRow parent = close(row, merge.shard, time);
    const ShardRow adjacent = close(row, merge.adjacent, time);
    add_child(row, parent, &adjacent, {range_of(parent).first, range_of(adjacent).last}, time);
}

}  // namespace

model::HashRange range_of(const ShardRow& shard) {
    const auto first = model::parse_hash_key(shard.first_hash_key);
    const auto last = model::parse_hash_key(shard.last_hash_key);
    MILL_ASSERT(first && last);
    return {*first, *last};
}

std::vector<model::OpenShard> open_shards(const StreamRow& row) {
    std::vector<model::OpenShard> open;
    for (const ShardRow& shard : row.shards) {
        if (!shard.closed_ms) open.push_back({shard.index, range_of(shard)});
    }
    std::ranges::sort(open, {}, [](const model::OpenShard& shard) { return shard.range.first; });
    return open;
}

const ShardRow* find_shard(const StreamRow& row, std::int64_t index) {
    const auto found = std::ranges::lower_bound(row.shards, index, {}, &ShardRow::index);
    return found != row.shards.end() && found->index == index ? &*found : nullptr;
}

std::vector<model::ReshardStep> steps_of(const StreamRow& row, const StreamUpdate& update) {
    if (update.target_count) {
        return model::plan_uniform(
            open_shards(row), static_cast<std::uint32_t>(*update.target_count), next_index(row));
    }
    if (!update.shard) return {};
    if (update.adjacent) return {model::Merge{*update.shard, *update.adjacent}};
    const auto at = model::parse_hash_key(update.new_hash_key.value_or(""));
    MILL_ASSERT(at);
    return {model::Split{*update.shard, *at}};
}

void reshard(StreamRow& row, const std::vector<model::ReshardStep>& steps, WallTime time) {
    for (const model::ReshardStep& step : steps)
        std::visit([&](const auto& one) { carry_out(row, one, time); }, step);
}

std::vector<ShardRow> take_expired(StreamRow& row, WallTime horizon) {
    std::vector<ShardRow> expired;
    std::erase_if(row.shards, [&](const ShardRow& shard) {
        if (!shard.closed_ms || from_epoch_ms(*shard.closed_ms) >= horizon) return false;
        expired.push_back(shard);
        return true;
    });
    return expired;
}

}  // namespace mill::kinesis
