// SPDX-License-Identifier: Apache-2.0
// Kinesis Data Streams. Owns the streams: their descriptions (Table, keys "kinesis/...") and one
// StreamLog per shard.
//
// Executor thread only. Every change of a description is durable before it is answered, and a
// change that takes a while (CREATING, UPDATING, DELETING) goes on after a restart. Records are
// acknowledged when their log has them. A stream or a shard is erased from the table first, its
// logs are dropped after; logs without a shard are dropped at the next start.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>

#include "machine/machine.h"
#include "services/kinesis/account.h"
#include "services/kinesis/call_rates.h"
#include "services/kinesis/consumer.h"
#include "services/kinesis/stream.h"
#include "services/ports/record_source.h"
#include "services/ports/resource_provider.h"
#include "storage/stream_log.h"
#include "wire/held.h"
#include "wire/operation.h"

namespace mill::kinesis {

struct Options {
    // How long CREATING, UPDATING and DELETING last at least. AWS: seconds. 0: nobody sees them.
    Duration transition = std::chrono::milliseconds(0);
    int retention_hours_min = 24;
    // Hold callers to AWS's throughput of shards, call rates and quotas.
    bool aws_limits = false;
};

using StreamPointer = std::shared_ptr<Stream>;

struct NewStream {
    std::string name;
    std::optional<std::int64_t> shard_count;
    std::optional<std::string> mode;  // by default ON_DEMAND when there is no shard count
    std::int64_t retention_hours = 24;
    std::int64_t record_kib_max = 1024;
    std::map<std::string, std::string> tags;
    std::optional<std::int64_t> warm_mibps = {};
    std::optional<std::string> key_id = {};  // encrypted with it
};

class Kinesis final : public ports::RecordSource, public ports::ResourceProvider {
  public:
    static Result<std::unique_ptr<Kinesis>> open(Machine& machine, storage::Engine& engine,
                                                 Options options);
    Kinesis(Machine& machine, storage::Engine& engine, Options options);
    ~Kinesis() override;
    wire::Service service();
    // Whether AWS would carry out this call now; see Options::aws_limits.
    Result<void> admit(const wire::Operation& operation, const Caller& caller, wire::Input& input);

    WallTime now() const { return machine_.clock.wall(); }
    // Shards of the stream that closed before are gone.
    WallTime horizon(const StreamRow& stream) const {
        return now() - std::chrono::hours(stream.retention_hours);
    }
    Machine& machine() { return machine_; }
    // Seals iterators and list tokens; as old as the first stream.
    const Bytes& token_key() const { return token_key_; }

    // By name or, if given, by ARN. ResourceNotFoundException when there is none.
    Result<StreamPointer> find_stream(const Caller& caller, const std::optional<std::string>& name,
                                      const std::optional<std::string>& arn) const;
    Result<StreamPointer> find_stream(const std::string& account, const std::string& region,
                                      const std::string& name) const;
    Result<StreamPointer> find_stream(const std::string& arn) const;
    // One that takes records: not while CREATING.
    Result<StreamPointer> writable_stream(const Caller& caller,
                                          const std::optional<std::string>& name,
                                          const std::optional<std::string>& arn) const;
    // Of one account and region, by name, beginning after `after`; at most `limit`.
    std::vector<StreamPointer> list_streams(const Caller& caller, const std::string& after,
                                            std::size_t limit) const;
    struct Totals {
        std::int64_t open_shards = 0;
        std::int64_t on_demand_streams = 0;
        std::int64_t creating_streams = 0;
    };
    Totals totals(const std::string& account, const std::string& region) const;
    std::int64_t shards_max(const std::string& region) const;
    std::int64_t on_demand_streams_max() const;

    Task<Result<StreamPointer>> create_stream(Caller caller, NewStream spec);
    Task<Result<void>> delete_stream(StreamPointer stream);
    // Reads, changes and durably writes the row, one caller after the other.
    using Change = std::function<Result<void>(StreamRow&)>;
    Task<Result<void>> change_row(StreamPointer stream, Change change);
    // Says what is to become of the stream, or why nothing may.
    using Decision = std::function<Result<StreamUpdate>(const StreamRow&)>;
    // The decision is made on the newest row, durable when answered, and carried out at once or,
    // after UPDATING, in the background.
    Task<Result<void>> update_stream(StreamPointer stream, Decision decide);
    // Gives the number of open shards before.
    Task<Result<std::int64_t>> update_shard_count(StreamPointer stream, std::int64_t target);
    Task<Result<void>> update_mode(StreamPointer stream, std::string mode,
                                   std::optional<std::int64_t> warm_mibps = {});
    // `key_id`: with KMS.
    Task<Result<void>> update_encryption(StreamPointer stream, std::string type,
                                         std::optional<std::string> key_id = {});
    // LimitExceededException in AWS's words.
    Result<void> check_on_demand_limit(const std::string& account, const std::string& region) const;
    Result<void> check_creating_limit(const std::string& account, const std::string& region) const;
    Result<void> check_shard_limit(const std::string& account, const std::string& region,
                                   std::int64_t additional) const;
    Task<Result<void>> increase_retention(StreamPointer stream, std::int64_t hours);
    Task<Result<void>> decrease_retention(StreamPointer stream, std::int64_t hours);
    Task<Result<void>> add_tags(StreamPointer stream, std::map<std::string, std::string> tags);
    Task<Result<void>> remove_tags(StreamPointer stream, std::vector<std::string> keys);

    // A stream or a consumer; the other is null.
    struct Resource {
        StreamPointer stream = nullptr;
        ConsumerPointer consumer = nullptr;
    };
    Result<Resource> find_resource(const std::string& arn) const;
    Task<Result<void>> tag_resource(Resource resource, std::map<std::string, std::string> tags);
    Task<Result<void>> untag_resource(Resource resource, std::vector<std::string> keys);
    Task<Result<void>> set_policy(Resource resource, std::string policy);  // empty: none

    // CREATING and DELETING as long as streams.
    Task<Result<ConsumerPointer>> register_consumer(StreamPointer stream, std::string name,
                                                    std::map<std::string, std::string> tags);
    Task<Result<void>> deregister_consumer(ConsumerPointer consumer);
    // ResourceNotFoundException also for an earlier consumer of the same name.
    Result<ConsumerPointer> find_consumer(const std::string& consumer_arn) const;
    // By its ARN or by its stream and name.
    Result<ConsumerPointer> find_consumer(const std::optional<std::string>& stream_arn,
                                          const std::optional<std::string>& name,
                                          const std::optional<std::string>& consumer_arn) const;
    std::vector<ConsumerPointer> list_consumers(const Stream& stream, const std::string& after,
                                                std::size_t limit) const;
    std::int64_t consumer_count(const Stream& stream) const;

    Result<AccountRow> account_row(const std::string& account, const std::string& region) const;
    // Only streams on demand have any, and only with a commitment.
    Result<void> check_warm_throughput(const StreamRow& row, std::int64_t mibps) const;
    Task<Result<AccountRow>> set_commitment(Caller caller, bool is_enabled);

    // RecordSource
    Result<void> check_source(const std::string& arn) override;
    Result<std::string> incarnation(const std::string& stream_arn) override;
    Result<std::vector<ports::SourceShard>> shards(const std::string& stream_arn) override;
    Result<ports::Position> trim_horizon(const std::string& stream_arn,
                                         const std::string& shard_id) override;
    Result<ports::Position> latest(const std::string& stream_arn,
                                   const std::string& shard_id) override;
    Task<Result<ports::Position>> at_time(std::string stream_arn, std::string shard_id,
                                          WallTime time) override;
    Task<Result<ports::SourceRun>> read_after(std::string stream_arn, std::string shard_id,
                                              ports::Position from, std::uint32_t records_max,
                                              std::uint64_t bytes_max) override;
    Task<void> wait_beyond(std::string stream_arn, std::string shard_id, ports::Position from,
                           Instant deadline) override;

    // ResourceProvider
    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    using Streams = std::map<std::string, StreamPointer, std::less<>>;  // by table key

    Result<void> recover();
    Result<StreamRow> new_row(const Caller& caller, NewStream spec) const;
    Result<void> check_retention(std::int64_t hours) const;
    // Until no transition is under way.
    Task<void> settled(StreamPointer stream);
    Task<Result<void>> consumer_settled(ConsumerPointer consumer);
    Task<Result<ports::Resource>> create_consumer_resource(ports::ResourceRequest request);
    Task<Result<ports::Resource>> update_consumer_resource(ports::ResourceRequest request,
                                                           std::string physical_id,
                                                           wire::Value old_properties);
    Task<Result<void>> remove_consumer_resource(std::string arn);
    // To this mode and number of shards, if given; done when the stream is ACTIVE again.
    Task<Result<void>> reshape(StreamPointer stream, std::optional<std::string> mode,
                               std::optional<std::int64_t> shard_count);
    // Nothing happens to what the template never spoke of.
    Task<Result<void>> reencrypt(StreamPointer stream, std::optional<std::string> key,
                                 bool was_encrypted);
    Task<Result<void>> change_retention(StreamPointer stream, std::int64_t hours, bool is_increase);
    Task<Result<void>> commit_created(StreamRow row);
    Task<Result<void>> erase_stream(StreamPointer stream);
    Result<void> recover_consumers();
    Result<StreamPointer> stream_of(const Consumer& consumer) const;
    using ConsumerChange = std::function<Result<void>(ConsumerRow&)>;
    Result<void> check_creating_consumers(const std::string& account,
                                          const std::string& region) const;
    Task<Result<void>> change_consumer(ConsumerPointer consumer, ConsumerChange change);
    Task<Result<void>> erase_consumer(ConsumerPointer consumer);
    Task<void> finish_consumer(ConsumerPointer consumer);
    std::vector<std::string> consumer_keys(const Stream& stream) const;
    void forget_consumers(const std::vector<std::string>& keys);
    Task<Result<void>> activate_stream(StreamPointer stream);
    Task<Result<void>> finish_update(StreamPointer stream);
    // After the transition's time, until it succeeds: it has been promised.
    using Step = Task<Result<void>> (Kinesis::*)(StreamPointer);
    Task<void> finish(StreamPointer stream, Step step);
    // By the holder of the stream's turn.
    Task<Result<void>> store(StreamPointer stream, StreamRow row,
                             std::vector<ShardPointer> added = {});
    Task<Result<void>> carry_out(StreamPointer stream, StreamUpdate update);
    // Sees to it that closed shards go after the retention period.
    void watch_expiry(const StreamPointer& stream);
    Task<void> expire_shards(StreamPointer stream);
    Task<Result<void>> erase_expired(StreamPointer stream);
    Task<void> trim_idle_shards();
    Task<void> drop_logs(StreamPointer stream);
    Task<void> drop_shard(StreamPointer stream, ShardPointer shard);
    Task<void> drop_log(std::string name);

    Machine& machine_;
    storage::LogStore& logs_;
    storage::Table& table_;
    Options options_;
    CallRates call_rates_;
    Bytes token_key_;
    bool is_token_key_stored_ = false;
    Streams streams_;
    std::map<std::string, ConsumerPointer, std::less<>> consumers_;  // by table key
    Scope background_;
};

std::span<const wire::Operation* const> operations();
std::span<const wire::HeldOperation* const> held_operations();

Failure stream_not_found(const std::string& name, const std::string& account);
Failure shard_not_found(const std::string& shard_id, const std::string& stream,
                        const std::string& account);
// The same as the operations on shards word it.
Failure no_such_shard(const std::string& shard_id, const StreamRow& stream);
// ResourceInUseException
Result<void> check_active(const StreamRow& stream);
Result<void> check_provisioned(const StreamRow& stream);
Failure invalid_argument(std::string message);
// Of a consumer that is registered no more.
Failure not_registered(const ConsumerRow& consumer);

}  // namespace mill::kinesis
