// SPDX-License-Identifier: Apache-2.0
// Stream: its description, as one row of the Table, and its shards.
//
// The row is what survives a crash: it is written before a change of it is answered. Changes go one
// after the other (change_row), so that none is lost. Shared by the calls that use it, since a
// stream may be deleted under them; its logs are dropped only when they have let go.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/caller.h"
#include "services/kinesis/shard.h"
#include "wire/shape.h"

namespace mill::kinesis {

// Members may be added, never renamed: older stores are read.
struct ShardRow {
    std::int64_t index = 0;
    std::int64_t created_ms = 0;
    std::string first_hash_key;
    std::string last_hash_key;

    static constexpr auto shape() {
        return wire::structure("ShardRow", wire::member<&ShardRow::index>("index"),
                               wire::member<&ShardRow::created_ms>("created_ms"),
                               wire::member<&ShardRow::first_hash_key>("first_hash_key"),
                               wire::member<&ShardRow::last_hash_key>("last_hash_key"));
    }
};

struct StreamRow {
    std::string id;  // 16 hexadecimal digits: tells it from a later stream of the same name, and
                     // names its logs
    std::string account;
    std::string region;
    std::string name;
    std::string status;  // CREATING, ACTIVE, DELETING
    std::string mode;    // PROVISIONED, ON_DEMAND
    std::int64_t created_ms = 0;
    std::int64_t retention_hours = 24;
    std::int64_t record_kib_max = 1024;
    std::map<std::string, std::string> tags;
    std::vector<ShardRow> shards;
    // What the operations of their names set; records are kept in clear whatever the type says.
    std::string encryption_type = "NONE";  // NONE, KMS
    std::string key_id;
    std::vector<std::string> shard_level_metrics;  // in the order of AWS's list
    std::string policy;                            // JSON; empty: none
    std::int64_t warm_mibps = 0;

    std::string arn() const {
        return "arn:aws:kinesis:" + region + ":" + account + ":stream/" + name;
    }
    WallTime created() const { return from_epoch_ms(created_ms); }
    std::string table_key() const;

    static constexpr auto shape() {
        return wire::structure(
            "StreamRow", wire::member<&StreamRow::id>("id"),
            wire::member<&StreamRow::account>("account"),
            wire::member<&StreamRow::region>("region"), wire::member<&StreamRow::name>("name"),
            wire::member<&StreamRow::status>("status"), wire::member<&StreamRow::mode>("mode"),
            wire::member<&StreamRow::created_ms>("created_ms"),
            wire::member<&StreamRow::retention_hours>("retention_hours"),
            wire::member<&StreamRow::record_kib_max>("record_kib_max"),
            wire::member<&StreamRow::tags>("tags"), wire::member<&StreamRow::shards>("shards"),
            wire::member<&StreamRow::encryption_type>("encryption_type"),
            wire::member<&StreamRow::key_id>("key_id"),
            wire::member<&StreamRow::shard_level_metrics>("shard_level_metrics"),
            wire::member<&StreamRow::policy>("policy"),
            wire::member<&StreamRow::warm_mibps>("warm_mibps"));
    }
};

constexpr std::string_view stream_rows_prefix = "kinesis/stream/";
constexpr std::string_view stream_logs_prefix = "kinesis/";

class Stream {
  public:
    // Opens the shards' logs, made if missing.
    static Result<std::shared_ptr<Stream>> open(Machine& machine, storage::LogStore& logs,
                                                StreamRow row);
    Stream(Machine& machine, StreamRow row);

    const StreamRow& row() const { return row_; }
    bool is(std::string_view status) const { return row_.status == status; }
    std::uint64_t tag() const { return tag_; }  // the id as a number, for iterators

    std::span<const std::unique_ptr<Shard>> shards() const { return shards_; }
    Shard& owner_of(model::HashKey key) const { return *shards_[ordinal_of(key)]; }
    std::size_t ordinal_of(model::HashKey key) const { return model::owning_shard(ranges_, key); }
    Shard* find_shard(std::uint32_t index) const;
    Shard* find_shard(std::string_view shard_id) const;  // in any notation that AWS takes

    // Records that arrived earlier have expired.
    WallTime horizon() const {
        return machine_.clock.wall() - std::chrono::hours(row_.retention_hours);
    }
    void trim_lazily(Shard& shard) const { shard.trim_lazily(horizon()); }

    // Status changes and the end of the stream.
    machine::Signal& changed() { return changed_; }
    // Wakes everybody who waits for this stream or for its records.
    void wake();

    // The turn to change the row: one at a time. Held until the guard goes.
    class Turn {
      public:
        explicit Turn(Stream& stream) : stream_(&stream) {}
        Turn(Turn&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn();

      private:
        Stream* stream_;
    };
    Task<Turn> turn();
    // By the holder of the turn, once it is durable.
    void set_row(StreamRow row) { row_ = std::move(row); }

    bool is_gone = false;  // erased from the table: no new call may use the logs

  private:
    Machine& machine_;
    StreamRow row_;
    std::uint64_t tag_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<model::HashRange> ranges_;  // of shards_, sorted
    bool is_turn_taken_ = false;
    machine::Signal changed_;
    machine::Signal turn_free_;
};

std::string log_name(const StreamRow& stream, std::int64_t shard_index);

}  // namespace mill::kinesis
