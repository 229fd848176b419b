// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/kinesis.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/arn.h"
#include "model/limits.h"
#include "services/kinesis/quotas.h"
#include "services/kinesis/tags.h"

namespace mill::kinesis {
namespace {

constexpr std::string_view token_key_row = "kinesis/token-key";
constexpr std::size_t token_key_digits = 64;

std::string rows_prefix(const std::string& account, const std::string& region) {
    return std::string(stream_rows_prefix) + account + "/" + region + "/";
}

}  // namespace

Failure stream_not_found(const std::string& name, const std::string& account) {
    return fail("ResourceNotFoundException",
                fmt::format("Stream {} under account {} not found.", name, account), 400);
}

Failure shard_not_found(const std::string& shard_id, const std::string& stream,
                        const std::string& account) {
    return fail("ResourceNotFoundException",
                fmt::format("Shard {} in stream {} under account {} does not exist", shard_id,
                            stream, account),
                400);
}

Failure no_such_shard(const std::string& shard_id, const StreamRow& stream) {
    return fail("ResourceNotFoundException",
                fmt::format("Could not find shard {} in stream {} under account {}.", shard_id,
                            stream.name, stream.account),
                400);
}

Result<void> check_active(const StreamRow& stream) {
    if (stream.status == "ACTIVE") return {};
    return fail("ResourceInUseException",
                fmt::format("Stream {} under account {} not ACTIVE, instead in state {}",
                            stream.name, stream.account, stream.status),
                400);
}

Result<void> check_provisioned(const StreamRow& stream) {
    if (stream.mode != "ON_DEMAND") return {};
    return fail("ValidationException",
                fmt::format("Request is invalid. Stream {} under account {} is in On-Demand mode.",
                            stream.name, stream.account),
                400);
}

Failure invalid_argument(std::string message) {
    return fail("InvalidArgumentException", std::move(message), 400);
}

Kinesis::Kinesis(Machine& machine, storage::Engine& engine, Options options)
    : machine_(machine), logs_(*engine.logs), table_(*engine.table), options_(options) {}

Kinesis::~Kinesis() = default;

Result<std::unique_ptr<Kinesis>> Kinesis::open(Machine& machine, storage::Engine& engine,
                                               Options options) {
    auto kinesis = std::make_unique<Kinesis>(machine, engine, options);
    MILL_CHECK(kinesis->recover());
    return kinesis;
}

Result<void> Kinesis::recover() {
    MILL_TRY(auto key, table_.get(token_key_row));
    is_token_key_stored_ = key.has_value();
    if (key) {
        token_key_ = *std::move(key);
    } else {
        token_key_ = machine::random_hex(machine_.entropy, token_key_digits);
    }

    std::set<std::string> known_logs;
    MILL_TRY(const auto rows, table_.scan(stream_rows_prefix));
    for (const auto& entry : rows) {
        MILL_TRY(StreamRow row, wire::from_json<StreamRow>(entry.value));
        MILL_TRY(auto stream, Stream::open(machine_, logs_, std::move(row), options_.aws_limits));
        for (const ShardRow& shard : stream->row().shards)
            known_logs.insert(log_name(stream->row(), shard.index));
        streams_.emplace(entry.key, std::move(stream));
    }
    MILL_CHECK(recover_consumers());
    for (const auto& [row_key, stream] : streams_) {
        if (stream->is("CREATING")) background_.spawn(finish(stream, &Kinesis::activate_stream));
        if (stream->is("UPDATING")) background_.spawn(finish(stream, &Kinesis::finish_update));
        if (stream->is("DELETING")) background_.spawn(finish(stream, &Kinesis::erase_stream));
        watch_expiry(stream);
    }
    background_.spawn(trim_idle_shards());
    for (const std::string& name : logs_.log_names()) {
        if (name.starts_with(stream_logs_prefix) && !known_logs.contains(name))
            background_.spawn(drop_log(name));
    }
    return {};
}

extern const wire::HeldOperation put_record_held;
extern const wire::HeldOperation put_records_held;
std::span<const wire::HeldOperation* const> held_operations() {
    static constexpr const wire::HeldOperation* all[] = {&put_record_held, &put_records_held};
    return all;
}

wire::Service Kinesis::service() {
    return {.signing_name = "kinesis",
            .target_prefix = "Kinesis_20131202",
            .protocol = wire::Protocol::aws_json,
            .json_version = "1.1",
            .api_version = "2013-12-02",
            .xml_namespace = {},
            .operations = operations(),
            .instance = this};
}

Result<void> Kinesis::admit(const wire::Operation& operation, const Caller& caller,
                            wire::Input& input) {
    return call_rates_.admit(operation.name, caller, input, machine_.clock.now());
}

Result<StreamPointer> Kinesis::find_stream(const std::string& account, const std::string& region,
                                           const std::string& name) const {
    std::string key;
    key.reserve(stream_rows_prefix.size() + account.size() + region.size() + name.size() + 2);
    key.append(stream_rows_prefix).append(account).append("/").append(region).append("/");
    const auto found = streams_.find(key.append(name));
    if (found == streams_.end()) return stream_not_found(name, account);
    return found->second;
}

Result<StreamPointer> Kinesis::find_stream(const std::string& arn) const {
    constexpr std::string_view resource_prefix = "stream/";
    const auto parsed = model::parse_arn(arn);
    if (!parsed || parsed->service != "kinesis" || !parsed->resource.starts_with(resource_prefix)) {
        return invalid_argument(fmt::format("{} is not the ARN of a stream.", arn));
    }
    return find_stream(parsed->account, parsed->region,
                       parsed->resource.substr(resource_prefix.size()));
}

Result<StreamPointer> Kinesis::find_stream(const Caller& caller,
                                           const std::optional<std::string>& name,
                                           const std::optional<std::string>& arn) const {
    if (arn) return find_stream(*arn);
    if (!name) return invalid_argument("Either StreamARN or StreamName should be provided.");
    return find_stream(caller.account, caller.region, *name);
}

Result<StreamPointer> Kinesis::writable_stream(const Caller& caller,
                                               const std::optional<std::string>& name,
                                               const std::optional<std::string>& arn) const {
    MILL_TRY(auto stream, find_stream(caller, name, arn));
    if (stream->is("CREATING")) return stream_not_found(stream->row().name, stream->row().account);
    return stream;
}

std::vector<StreamPointer> Kinesis::list_streams(const Caller& caller, const std::string& after,
                                                 std::size_t limit) const {
    const std::string prefix = rows_prefix(caller.account, caller.region);
    std::vector<StreamPointer> found;
    for (auto at = streams_.upper_bound(prefix + after);
         at != streams_.end() && found.size() < limit; ++at) {
        if (!at->first.starts_with(prefix)) break;
        found.push_back(at->second);
    }
    return found;
}

Kinesis::Totals Kinesis::totals(const std::string& account, const std::string& region) const {
    Totals totals;
    const std::string prefix = rows_prefix(account, region);
    for (auto at = streams_.lower_bound(prefix);
         at != streams_.end() && at->first.starts_with(prefix); ++at) {
        totals.open_shards += static_cast<std::int64_t>(at->second->open_shards().size());
        if (at->second->row().mode == "ON_DEMAND") ++totals.on_demand_streams;
        if (at->second->is("CREATING")) ++totals.creating_streams;
    }
    return totals;
}

std::int64_t Kinesis::shards_max(const std::string& region) const {
    return options_.aws_limits ? region_quota(region).shards
                               : limits::kinesis::shards_per_account_max;
}

std::int64_t Kinesis::on_demand_streams_max() const {
    return options_.aws_limits ? limits::kinesis::aws::on_demand_streams_max
                               : limits::kinesis::on_demand_streams_max;
}

Result<void> Kinesis::check_on_demand_limit(const std::string& account,
                                            const std::string& region) const {
    const std::int64_t present = totals(account, region).on_demand_streams;
    if (present < on_demand_streams_max()) return {};
    return fail("LimitExceededException",
                fmt::format("This request would exceed the limit on the number of On-Demand "
                            "streams for the account {} in {}. Current On-Demand streams count: "
                            "{}. Limit: {}.",
                            account, region, present, on_demand_streams_max()),
                400);
}

// At most so many streams are in the making.
Result<void> Kinesis::check_creating_limit(const std::string& account,
                                           const std::string& region) const {
    constexpr std::int64_t most = limits::kinesis::aws::creating_max;
    if (!options_.aws_limits || totals(account, region).creating_streams < most) return {};
    return fail("LimitExceededException",
                fmt::format("The account {} has {} streams in the CREATING state in {}, the most "
                            "that it may have. Wait until one is ACTIVE.",
                            account, most, region),
                400);
}

Result<void> Kinesis::check_shard_limit(const std::string& account, const std::string& region,
                                        std::int64_t additional) const {
    const std::int64_t present = totals(account, region).open_shards;
    if (additional <= shards_max(region) - present) return {};
    return fail("LimitExceededException",
                fmt::format("This request would exceed the shard limit for the account {} in {}. "
                            "Current shard count for the account: {}. Limit: {}. Number of "
                            "additional shards that would have resulted from this request: {}. "
                            "Refer to the AWS Service Limits page "
                            "(http://docs.aws.amazon.com/general/latest/gr/"
                            "aws_service_limits.html) for current limits and how to request higher "
                            "limits.",
                            account, region, present, shards_max(region), additional),
                400);
}

Result<StreamRow> Kinesis::new_row(const Caller& caller, NewStream spec) const {
    StreamRow row;
    row.account = caller.account;
    row.region = caller.region;
    row.name = std::move(spec.name);
    row.created_ms = epoch_ms(now());
    row.record_kib_max = spec.record_kib_max;
    row.retention_hours = spec.retention_hours;
    row.mode = spec.mode.value_or(spec.shard_count ? "PROVISIONED" : "ON_DEMAND");
    if (streams_.contains(row.table_key())) {
        return fail(
            "ResourceInUseException",
            fmt::format("Stream {} under account {} already exists.", row.name, row.account), 400);
    }
    MILL_CHECK(merge_tags(row, spec.tags));
    if (row.mode == "PROVISIONED" && !spec.shard_count) {
        return fail("ValidationException",
                    "ShardCount must be provided when the stream mode is PROVISIONED.", 400);
    }
    if (row.mode == "ON_DEMAND" && spec.shard_count) {
        return fail("ValidationException",
                    "ShardCount must not be provided when the stream mode is ON_DEMAND.", 400);
    }
    if (spec.warm_mibps) {
        MILL_CHECK(check_warm_throughput(row, *spec.warm_mibps));
        row.warm_mibps = *spec.warm_mibps;
    }
    if (spec.key_id) {
        row.encryption_type = "KMS";
        row.key_id = *std::move(spec.key_id);
        row.encryption_changes.push_back({row.created_ms, row.encryption_type});
    }
    MILL_CHECK(check_creating_limit(row.account, row.region));
    if (row.mode == "ON_DEMAND") MILL_CHECK(check_on_demand_limit(row.account, row.region));
    const std::int64_t count = spec.shard_count.value_or(limits::kinesis::on_demand_shards);
    MILL_CHECK(check_shard_limit(row.account, row.region, count));
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto range = model::initial_range(i, static_cast<std::uint32_t>(count));
        row.shards.push_back({.index = i,
                              .created_ms = row.created_ms,
                              .first_hash_key = model::decimal(range.first),
                              .last_hash_key = model::decimal(range.last)});
    }
    return row;
}

Task<Result<StreamPointer>> Kinesis::create_stream(Caller caller, NewStream spec) {
    MILL_CO_TRY(StreamRow row, new_row(caller, std::move(spec)));
    row.id = machine::random_hex(machine_.entropy, 16);
    // Nobody may write to it before its row is durable: in memory it is CREATING until then.
    row.status = "CREATING";
    MILL_CO_TRY(auto stream, Stream::open(machine_, logs_, row, options_.aws_limits));
    streams_.emplace(row.table_key(), stream);
    const auto turn = co_await stream->turn();
    if (options_.transition == Duration(0)) row.status = "ACTIVE";
    if (auto committed = co_await commit_created(row); !committed) {
        stream->is_gone = true;
        streams_.erase(row.table_key());
        stream->wake();
        background_.spawn(drop_logs(stream));
        co_return std::unexpected(committed.error());
    }
    stream->set_row(std::move(row));
    stream->wake();
    if (stream->is("CREATING")) background_.spawn(finish(stream, &Kinesis::activate_stream));
    co_return stream;
}

Task<Result<void>> Kinesis::commit_created(StreamRow row) {
    storage::Table::Commit commit;
    commit.puts.push_back({row.table_key(), wire::to_json(row)});
    // The first stream brings the key of all tokens: no token is older than it.
    if (!is_token_key_stored_) commit.puts.push_back({std::string(token_key_row), token_key_});
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    is_token_key_stored_ = true;
    co_return Result<void>();
}

Task<Result<void>> Kinesis::change_row(StreamPointer stream, Change change) {
    const auto turn = co_await stream->turn();
    if (stream->is_gone) co_return stream_not_found(stream->row().name, stream->row().account);
    StreamRow row = stream->row();
    MILL_CO_CHECK(change(row));
    co_return co_await store(stream, std::move(row));
}

Task<Result<void>> Kinesis::store(StreamPointer stream, StreamRow row,
                                  std::vector<ShardPointer> added) {
    storage::Table::Commit commit;
    commit.puts.push_back({row.table_key(), wire::to_json(row)});
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    stream->set_row(std::move(row), std::move(added));
    stream->wake();
    co_return Result<void>();
}

Task<Result<void>> Kinesis::delete_stream(StreamPointer stream) {
    if (options_.transition == Duration(0)) co_return co_await erase_stream(stream);
    if (stream->is("DELETING")) co_return Result<void>();
    MILL_CO_CHECK(co_await change_row(stream, [](StreamRow& row) {
        row.status = "DELETING";
        return Result<void>();
    }));
    background_.spawn(finish(stream, &Kinesis::erase_stream));
    co_return Result<void>();
}

Task<Result<void>> Kinesis::erase_stream(StreamPointer stream) {
    const auto turn = co_await stream->turn();
    if (stream->is_gone) co_return Result<void>();
    const std::string key = stream->row().table_key();
    const std::vector<std::string> consumers = consumer_keys(*stream);
    storage::Table::Commit commit;
    commit.erases = consumers;
    commit.erases.push_back(key);
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    stream->is_gone = true;
    forget_consumers(consumers);
    streams_.erase(key);
    stream->wake();
    background_.spawn(drop_logs(stream));
    co_return Result<void>();
}

Task<Result<void>> Kinesis::activate_stream(StreamPointer stream) {
    return change_row(std::move(stream), [](StreamRow& row) {
        if (row.status == "CREATING") row.status = "ACTIVE";
        return Result<void>();
    });
}

Task<void> Kinesis::finish(StreamPointer stream, Step step) {
    Duration delay = options_.transition;
    for (;;) {
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + delay);
        const auto done = co_await (this->*step)(stream);
        if (done || stream->is_gone) co_return;
        machine_.log.warning("kinesis.not_finished", {{"stream", stream->row().name},
                                                      {"status", stream->row().status},
                                                      {"error", done.error().message}});
        delay = limits::kinesis::transition_retry_delay;
    }
}

Task<void> Kinesis::drop_logs(StreamPointer stream) {
    for (const auto& shard : stream->shards()) co_await drop_shard(stream, shard);
}

Task<void> Kinesis::drop_shard(StreamPointer stream, ShardPointer shard) {
    co_await shard->close();
    co_await drop_log(log_name(stream->row(), shard->identity().index));
}

Task<void> Kinesis::drop_log(std::string name) {
    auto dropped = co_await logs_.drop_log(name);
    // It stays an orphan then, which the next start drops.
    if (!dropped)
        machine_.log.warning("kinesis.drop_log",
                             {{"log", name}, {"error", dropped.error().message}});
}

}  // namespace mill::kinesis
