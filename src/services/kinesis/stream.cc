// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/stream.h"

#include <charconv>

namespace mill::kinesis {

std::string StreamRow::table_key() const {
    return std::string(stream_rows_prefix) + account + "/" + region + "/" + name;
}

std::string log_name(const StreamRow& stream, std::int64_t shard_index) {
    return std::string(stream_logs_prefix) + stream.id + "/" + std::to_string(shard_index);
}

Stream::Stream(Machine& machine, StreamRow row)
    : machine_(machine),
      row_(std::move(row)),
      changed_(machine.executor),
      turn_free_(machine.executor) {
    tag_ = 0;
    std::from_chars(row_.id.data(), row_.id.data() + row_.id.size(), tag_, 16);
}

Result<std::shared_ptr<Stream>> Stream::open(Machine& machine, storage::LogStore& logs,
                                             StreamRow row) {
    auto stream = std::make_shared<Stream>(machine, std::move(row));
    for (const ShardRow& shard : stream->row_.shards) {
        const auto first = model::parse_hash_key(shard.first_hash_key);
        const auto last = model::parse_hash_key(shard.last_hash_key);
        if (!first || !last)
            return fail("kinesis.row",
                        "stream " + stream->row_.name + ": bad hash range in the table");
        MILL_TRY(storage::StreamLog * log, logs.open_log(log_name(stream->row_, shard.index)));
        const model::ShardIdentity identity{shard.created_ms / 1000,
                                            static_cast<std::uint32_t>(shard.index)};
        const model::HashRange range{*first, *last};
        stream->shards_.push_back(std::make_unique<Shard>(machine, *log, identity, range));
        stream->ranges_.push_back(range);
    }
    return stream;
}

Shard* Stream::find_shard(std::uint32_t index) const {
    return index < shards_.size() ? shards_[index].get() : nullptr;
}

Shard* Stream::find_shard(std::string_view shard_id) const {
    const auto index = model::parse_shard_id(shard_id);
    return index ? find_shard(*index) : nullptr;
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
