// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/stream.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"

namespace mill::kinesis {

std::string StreamRow::table_key() const {
    return std::string(stream_rows_prefix) + account + "/" + region + "/" + name;
}

bool StreamRow::was_encrypted(WallTime arrival) const {
    const auto later = std::ranges::upper_bound(encryption_changes, epoch_ms(arrival), {},
                                                &EncryptionChange::at_ms);
    return later != encryption_changes.begin() && std::prev(later)->type == "KMS";
}

std::string log_name(const StreamRow& stream, std::int64_t shard_index) {
    return std::string(stream_logs_prefix) + stream.id + "/" + std::to_string(shard_index);
}

namespace {

std::optional<std::uint32_t> index_of(const std::optional<std::int64_t>& number) {
    return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

std::optional<WallTime> time_of(const std::optional<std::int64_t>& ms) {
    return ms ? std::optional(from_epoch_ms(*ms)) : std::nullopt;
}

Result<ShardPointer> open_shard(Machine& machine, storage::LogStore& logs, const StreamRow& stream,
                                const ShardRow& row) {
    const auto first = model::parse_hash_key(row.first_hash_key);
    const auto last = model::parse_hash_key(row.last_hash_key);
    if (!first || !last)
        return fail("kinesis.row", "stream " + stream.name + ": bad hash range in the table");
    MILL_TRY(storage::StreamLog * log, logs.open_log(log_name(stream, row.index)));
    const model::ShardIdentity identity{row.identity_s(), static_cast<std::uint32_t>(row.index)};
    const Lineage lineage{.opened = from_epoch_ms(row.created_ms),
                          .closed = time_of(row.closed_ms),
                          .parent = index_of(row.parent),
                          .adjacent_parent = index_of(row.adjacent_parent)};
    return std::make_shared<Shard>(machine, *log, identity, model::HashRange{*first, *last},
                                   lineage);
}

bool is_before(const ShardPointer& shard, std::uint32_t index) {
    return shard->identity().index < index;
}

}  // namespace

Stream::Stream(Machine& machine, StreamRow row)
    : machine_(machine),
      row_(std::move(row)),
      changed_(machine.executor),
      turn_free_(machine.executor),
      released_(machine.executor) {
    tag_ = 0;
    std::from_chars(row_.id.data(), row_.id.data() + row_.id.size(), tag_, 16);
}

Result<std::shared_ptr<Stream>> Stream::open(Machine& machine, storage::LogStore& logs,
                                             StreamRow row, bool is_limited) {
    auto stream = std::make_shared<Stream>(machine, std::move(row));
    if (is_limited) stream->demand_peak = std::make_unique<model::DemandPeak>();
    MILL_TRY(stream->shards_, stream->open_new(logs, stream->row_));
    stream->route();
    return stream;
}

Result<std::vector<ShardPointer>> Stream::open_new(storage::LogStore& logs,
                                                   const StreamRow& row) const {
    const std::int64_t first_new =
        shards_.empty() ? 0 : std::int64_t{shards_.back()->identity().index} + 1;
    std::vector<ShardPointer> added;
    for (const ShardRow& shard : row.shards) {
        if (shard.index < first_new) continue;
        MILL_TRY(auto opened, open_shard(machine_, logs, row, shard));
        if (is_limited()) opened->throughput = std::make_unique<model::ShardThroughput>();
        added.push_back(std::move(opened));
    }
    return added;
}

void Stream::set_row(StreamRow row, std::vector<ShardPointer> added) {
    row_ = std::move(row);
    std::ranges::move(added, std::back_inserter(shards_));
    std::vector<ShardPointer> kept;
    kept.reserve(row_.shards.size());
    auto shard = shards_.begin();
    for (const ShardRow& described : row_.shards) {
        while (shard != shards_.end() && (*shard)->identity().index != described.index) ++shard;
        MILL_ASSERT(shard != shards_.end());
        if (described.closed_ms && !(*shard)->closed())
            (*shard)->end(from_epoch_ms(*described.closed_ms));
        kept.push_back(*shard);
    }
    shards_ = std::move(kept);
    route();
}

void Stream::route() {
    open_.clear();
    ranges_.clear();
    for (const ShardPointer& shard : shards_) {
        if (!shard->closed()) open_.push_back(shard.get());
    }
    std::ranges::sort(open_, {}, [](const Shard* shard) { return shard->range().first; });
    for (const Shard* shard : open_) ranges_.push_back(shard->range());
}

ShardPointer Stream::find_shard(std::uint32_t index) const {
    const auto found = std::lower_bound(shards_.begin(), shards_.end(), index, is_before);
    if (found == shards_.end() || (*found)->identity().index != index) return nullptr;
    return has_expired(**found) ? nullptr : *found;
}

ShardPointer Stream::find_shard(std::string_view shard_id) const {
    const auto index = model::parse_shard_id(shard_id);
    return index ? find_shard(*index) : nullptr;
}

std::vector<ShardPointer> Stream::children_of(const Shard& shard) const {
    std::vector<ShardPointer> children;
    for (const ShardPointer& other : shards_) {
        if (other->lineage().is_child_of(shard.identity().index) && !has_expired(*other))
            children.push_back(other);
    }
    return children;
}

std::optional<WallTime> Stream::next_expiry() const {
    std::optional<WallTime> first;
    for (const ShardPointer& shard : shards_) {
        if (shard->closed()) first = std::min(first.value_or(*shard->closed()), *shard->closed());
    }
    if (!first) return first;
    return *first + std::chrono::hours(row_.retention_hours) + std::chrono::milliseconds(1);
}

Task<void> Stream::until_released() {
    while (is_held_) co_await released_.wait();
}

Stream::Hold::~Hold() {
    stream_.is_held_ = false;
    stream_.released_.notify_all();
}

Task<void> Stream::appends_settled() {
    for (Shard* shard : open_) co_await shard->appends_settled();
}

WallTime Stream::closing_time() const {
    WallTime time = machine_.clock.wall();
    for (const Shard* shard : open_) {
        const WallTime opened_before = shard->lineage().opened + std::chrono::milliseconds(1);
        time = std::max({time, shard->last_arrival(), opened_before});
    }
    return time;
}

void Stream::wake() {
    changed_.notify_all();
    for (const auto& shard : shards_) shard->wake();
}

Task<Stream::Turn> Stream::turn() {
    while (is_turn_taken_) co_await turn_free_.wait();
    is_turn_taken_ = true;
    co_return Turn(*this);
}

Stream::Turn::~Turn() {
    if (!stream_) return;
    stream_->is_turn_taken_ = false;
    stream_->turn_free_.notify_all();
}

}  // namespace mill::kinesis
