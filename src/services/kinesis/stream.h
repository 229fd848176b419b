// SPDX-License-Identifier: Apache-2.0
// Stream: its description, as one row of the Table, and its shards.
//
// The row is what survives a crash: it is written before a change of it is answered. Changes go one
// after the other (change_row), so that none is lost. Shared by the calls that use it, since a
// stream may be deleted under them; its logs are dropped only when they have let go.
//
// A reshard closes shards and opens their children by one write of the row. While that is under way
// puts are held and no append is, so what a closed shard has is final, and a put goes either to a
// parent before its end or to a child. The open shards cover every hash key at all times.
#pragma once

#include <map>
#include <memory>
#include <optional>
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
    // What resharding has made or closed:
    std::optional<std::int64_t> parent;
    std::optional<std::int64_t> adjacent_parent;  // of a merge
    std::optional<std::int64_t> closed_ms;        // empty: open
    // The second of creation that its sequence numbers tell, if it is not created_ms: later than
    // the parents' in any case, so that a child's numbers are greater than theirs.
    std::optional<std::int64_t> numbered_s;

    std::int64_t identity_s() const { return numbered_s.value_or(created_ms / 1000); }

    static constexpr auto shape() {
        return wire::structure("ShardRow", wire::member<&ShardRow::index>("index"),
                               wire::member<&ShardRow::created_ms>("created_ms"),
                               wire::member<&ShardRow::first_hash_key>("first_hash_key"),
                               wire::member<&ShardRow::last_hash_key>("last_hash_key"),
                               wire::member<&ShardRow::parent>("parent"),
                               wire::member<&ShardRow::adjacent_parent>("adjacent_parent"),
                               wire::member<&ShardRow::closed_ms>("closed_ms"),
                               wire::member<&ShardRow::numbered_s>("numbered_s"));
    }
};

// From when on records are called encrypted, or no longer are.
struct EncryptionChange {
    std::int64_t at_ms = 0;
    std::string type;  // NONE, KMS

    static constexpr auto shape() {
        return wire::structure("EncryptionChange", wire::member<&EncryptionChange::at_ms>("at_ms"),
                               wire::member<&EncryptionChange::type>("type"));
    }
};

// What was accepted while ACTIVE and is carried out when UPDATING ends, also after a restart.
struct StreamUpdate {
    std::optional<std::int64_t> shard;         // to be split or merged
    std::optional<std::string> new_hash_key;   // a split: where the second child begins
    std::optional<std::int64_t> adjacent;      // a merge: the shard behind `shard`
    std::optional<std::int64_t> target_count;  // uniform scaling
    std::optional<std::string> mode;
    std::optional<std::int64_t> warm_mibps;
    std::optional<std::string> encryption_type;
    std::optional<std::string> key_id;  // with KMS

    static constexpr auto shape() {
        using U = StreamUpdate;
        return wire::structure(
            "StreamUpdate", wire::member<&U::shard>("shard"),
            wire::member<&U::new_hash_key>("new_hash_key"), wire::member<&U::adjacent>("adjacent"),
            wire::member<&U::target_count>("target_count"), wire::member<&U::mode>("mode"),
            wire::member<&U::warm_mibps>("warm_mibps"),
            wire::member<&U::encryption_type>("encryption_type"),
            wire::member<&U::key_id>("key_id"));
    }
};

struct StreamRow {
    std::string id;  // 16 hexadecimal digits: tells it from a later stream of the same name, and
                     // names its logs
    std::string account;
    std::string region;
    std::string name;
    std::string status;  // CREATING, ACTIVE, UPDATING, DELETING
    std::string mode;    // PROVISIONED, ON_DEMAND
    std::int64_t created_ms = 0;
    std::int64_t retention_hours = 24;
    std::int64_t record_kib_max = 1024;
    std::map<std::string, std::string> tags;
    std::vector<ShardRow> shards;        // by index; closed ones until they expire
    std::optional<StreamUpdate> update;  // while UPDATING
    // When UpdateShardCount and UpdateStreamMode were used last: AWS counts them over 24 hours.
    std::vector<std::int64_t> scalings_ms;
    std::vector<std::int64_t> mode_changes_ms;
    // What the operations of their names set; records are kept in clear whatever the type says.
    std::string encryption_type = "NONE";  // NONE, KMS
    std::string key_id;
    // Those that unexpired records or AWS's count over 24 hours can ask for.
    std::vector<EncryptionChange> encryption_changes;
    std::vector<std::string> shard_level_metrics;  // in the order of AWS's list
    std::string policy;                            // JSON; empty: none
    std::int64_t warm_mibps = 0;

    std::string arn() const {
        return "arn:aws:kinesis:" + region + ":" + account + ":stream/" + name;
    }
    WallTime created() const { return from_epoch_ms(created_ms); }
    std::string table_key() const;
    bool is_encrypted() const { return encryption_type == "KMS"; }
    // Of a record that arrived then.
    bool was_encrypted(WallTime arrival) const;

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
            wire::member<&StreamRow::encryption_changes>("encryption_changes"),
            wire::member<&StreamRow::shard_level_metrics>("shard_level_metrics"),
            wire::member<&StreamRow::policy>("policy"),
            wire::member<&StreamRow::warm_mibps>("warm_mibps"),
            wire::member<&StreamRow::update>("update"),
            wire::member<&StreamRow::scalings_ms>("scalings_ms"),
            wire::member<&StreamRow::mode_changes_ms>("mode_changes_ms"));
    }
};

using ShardPointer = std::shared_ptr<Shard>;

constexpr std::string_view stream_rows_prefix = "kinesis/stream/";
constexpr std::string_view stream_logs_prefix = "kinesis/";

class Stream {
  public:
    // Opens the shards' logs, made if missing.
    static Result<std::shared_ptr<Stream>> open(Machine& machine, storage::LogStore& logs,
                                                StreamRow row, bool is_limited);
    Stream(Machine& machine, StreamRow row);

    const StreamRow& row() const { return row_; }
    bool is(std::string_view status) const { return row_.status == status; }
    std::uint64_t tag() const { return tag_; }  // the id as a number, for iterators

    // By index; also closed ones, until they are forgotten.
    std::span<const ShardPointer> shards() const { return shards_; }
    // Those that take records, by hash key.
    std::span<Shard* const> open_shards() const { return open_; }
    Shard& owner_of(model::HashKey key) const { return *open_[ordinal_of(key)]; }
    // In open_shards().
    std::size_t ordinal_of(model::HashKey key) const { return model::owning_shard(ranges_, key); }
    // Null if there is none, or it has expired.
    ShardPointer find_shard(std::uint32_t index) const;
    ShardPointer find_shard(std::string_view shard_id) const;  // in any notation that AWS takes
    std::vector<ShardPointer> children_of(const Shard& shard) const;
    // A closed shard goes when its newest record might.
    bool has_expired(const Shard& shard) const {
        return shard.closed() && *shard.closed() < horizon();
    }
    std::optional<WallTime> next_expiry() const;

    // A reshard is being committed: whoever puts waits until_released(), then routes and begins
    // its appends at once.
    bool is_held() const { return is_held_; }
    Task<void> until_released();

    // Records that arrived earlier have expired.
    WallTime horizon() const {
        return machine_.clock.wall() - std::chrono::hours(row_.retention_hours);
    }
    void trim_lazily(Shard& shard) const {
        shard.trim_lazily(std::chrono::hours(row_.retention_hours));
    }

    // Status changes and the end of the stream.
    machine::Signal& changed() { return changed_; }
    // Wakes everybody who waits for this stream or for its records.
    void wake();

    // Its shards have AWS's throughput and no more: throttle.h.
    bool is_limited() const { return demand_peak != nullptr; }
    std::unique_ptr<model::DemandPeak> demand_peak;

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

    // By the holder of the turn.
    // Holds puts until the guard goes.
    class Hold {
      public:
        explicit Hold(Stream& stream) : stream_(stream) { stream_.is_held_ = true; }
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold();

      private:
        Stream& stream_;
    };
    // Until no append is under way.
    Task<void> appends_settled();
    // Later than anything that the open shards have seen.
    WallTime closing_time() const;
    // The shards of `row` that this stream does not have yet.
    Result<std::vector<ShardPointer>> open_new(storage::LogStore& logs, const StreamRow& row) const;
    // Once it is durable: closes and adds the shards that the row says, forgets those that it
    // lacks.
    void set_row(StreamRow row, std::vector<ShardPointer> added = {});

    bool is_gone = false;      // erased from the table: no new call may use the logs
    bool is_expiring = false;  // somebody sees to the end of its closed shards

  private:
    void route();

    Machine& machine_;
    StreamRow row_;
    std::uint64_t tag_;
    std::vector<ShardPointer> shards_;
    std::vector<Shard*> open_;
    std::vector<model::HashRange> ranges_;  // of open_
    bool is_turn_taken_ = false;
    bool is_held_ = false;
    machine::Signal changed_;
    machine::Signal turn_free_;
    machine::Signal released_;
};

std::string log_name(const StreamRow& stream, std::int64_t shard_index);

}  // namespace mill::kinesis
