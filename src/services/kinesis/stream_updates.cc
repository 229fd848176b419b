// SPDX-License-Identifier: Apache-2.0
// Updates of a stream's shards and mode: accepted, carried out in one write of the row, and the end
// of closed shards. Texts from kinesalite and moto, which have them from AWS.
#include <fmt/format.h>

#include <algorithm>

#include "model/limits.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/lineage.h"

namespace mill::kinesis {
namespace {

constexpr std::chrono::hours day{24};

Failure limit_exceeded(std::string message) {
    return fail("LimitExceededException", std::move(message), 400);
}

bool is_used_up(const std::vector<std::int64_t>& uses, WallTime now, std::int64_t most) {
    return std::ranges::count_if(
               uses, [now](std::int64_t ms) { return from_epoch_ms(ms) > now - day; }) >= most;
}

void note_use(std::vector<std::int64_t>& uses, WallTime now, std::int64_t most) {
    if (static_cast<std::int64_t>(uses.size()) >= most) uses.erase(uses.begin());
    uses.push_back(epoch_ms(now));
}

Failure used_up(std::string_view operation, std::int64_t most) {
    return limit_exceeded(
        fmt::format("{} can be used {} times in 24 hours for a stream.", operation, most));
}

// Forgets what neither records nor the count over a day can ask for.
void note_encryption(StreamRow& row, WallTime now) {
    auto& changes = row.encryption_changes;
    const WallTime oldest = now - std::max(std::chrono::hours(row.retention_hours), day);
    while (changes.size() > 1 && from_epoch_ms(changes[1].at_ms) < oldest)
        changes.erase(changes.begin());
    changes.push_back({epoch_ms(now), row.encryption_type});
}

// AWS's bounds of one step.
Result<void> check_target(std::int64_t open, std::int64_t target) {
    const std::string counts =
        fmt::format("Current open shard count: {}, Target shard count: {}", open, target);
    if (target > limits::kinesis::shards_per_stream_max) {
        return limit_exceeded(
            fmt::format("Target shard count or number of open shards cannot be greater than {}. {}",
                        limits::kinesis::shards_per_stream_max, counts));
    }
    if (target > open * 2) {
        return limit_exceeded(
            "UpdateShardCount cannot scale up over double your current open shard count. " +
            counts);
    }
    if (target * 2 < open) {
        return limit_exceeded(
            "UpdateShardCount cannot scale down below half your current open shard count. " +
            counts);
    }
    return {};
}

}  // namespace

Task<Result<void>> Kinesis::update_stream(StreamPointer stream, Decision decide) {
    const auto turn = co_await stream->turn();
    if (stream->is_gone) co_return stream_not_found(stream->row().name, stream->row().account);
    MILL_CO_TRY(StreamUpdate update, decide(stream->row()));
    if (options_.transition == Duration(0)) co_return co_await carry_out(stream, std::move(update));
    StreamRow row = stream->row();
    row.status = "UPDATING";
    row.update = std::move(update);
    MILL_CO_CHECK(co_await store(stream, std::move(row)));
    background_.spawn(finish(stream, &Kinesis::finish_update));
    co_return Result<void>();
}

Task<Result<void>> Kinesis::finish_update(StreamPointer stream) {
    const auto turn = co_await stream->turn();
    if (stream->is_gone || !stream->is("UPDATING")) co_return Result<void>();
    co_return co_await carry_out(stream, stream->row().update.value_or(StreamUpdate{}));
}

Task<Result<void>> Kinesis::carry_out(StreamPointer stream, StreamUpdate update) {
    StreamRow row = stream->row();
    row.status = "ACTIVE";
    row.update.reset();
    if (update.warm_mibps) row.warm_mibps = *update.warm_mibps;
    if (update.encryption_type) {
        row.encryption_type = *update.encryption_type;
        row.key_id = update.key_id.value_or("");
        note_encryption(row, now());
    }
    if (update.mode) {
        row.mode = *update.mode;
        row.warm_mibps = update.warm_mibps.value_or(0);
        note_use(row.mode_changes_ms, now(), limits::kinesis::mode_changes_per_day_max);
    }
    if (update.target_count)
        note_use(row.scalings_ms, now(), limits::kinesis::scalings_per_day_max);
    const auto steps = steps_of(row, update);
    if (steps.empty()) co_return co_await store(stream, std::move(row));
    const Stream::Hold hold(*stream);
    co_await stream->appends_settled();
    reshard(row, steps, stream->closing_time());
    MILL_CO_TRY(auto added, stream->open_new(logs_, row));
    MILL_CO_CHECK(co_await store(stream, std::move(row), std::move(added)));
    watch_expiry(stream);
    co_return Result<void>();
}

Task<Result<std::int64_t>> Kinesis::update_shard_count(StreamPointer stream, std::int64_t target) {
    std::int64_t open = 0;
    const auto decide = [this, target, &open](const StreamRow& row) -> Result<StreamUpdate> {
        MILL_CHECK(check_provisioned(row));
        MILL_CHECK(check_active(row));
        open = static_cast<std::int64_t>(open_shards(row).size());
        MILL_CHECK(check_target(open, target));
        MILL_CHECK(check_shard_limit(row.account, row.region, target - open));
        const auto most = limits::kinesis::scalings_per_day_max;
        if (options_.aws_limits && is_used_up(row.scalings_ms, now(), most))
            return used_up("UpdateShardCount", most);
        return StreamUpdate{.target_count = target};
    };
    MILL_CO_CHECK(co_await update_stream(stream, decide));
    co_return open;
}

Task<Result<void>> Kinesis::update_mode(StreamPointer stream, std::string mode,
                                        std::optional<std::int64_t> warm_mibps) {
    const auto decide = [&](const StreamRow& row) -> Result<StreamUpdate> {
        MILL_CHECK(check_active(row));
        StreamRow changed = row;
        changed.mode = mode;
        if (warm_mibps) MILL_CHECK(check_warm_throughput(changed, *warm_mibps));
        if (mode == "ON_DEMAND" && row.mode != mode)
            MILL_CHECK(check_on_demand_limit(row.account, row.region));
        const auto changes = limits::kinesis::mode_changes_per_day_max;
        if (options_.aws_limits && is_used_up(row.mode_changes_ms, now(), changes))
            return used_up("UpdateStreamMode", changes);
        return StreamUpdate{.mode = mode, .warm_mibps = warm_mibps};
    };
    // Terraform sets the mode that a stream has already.
    if (stream->row().mode == mode && stream->is("ACTIVE") && !warm_mibps) co_return Result<void>();
    co_return co_await update_stream(stream, decide);
}

Task<Result<void>> Kinesis::update_encryption(StreamPointer stream, std::string type,
                                              std::optional<std::string> key_id) {
    const auto decide = [&](const StreamRow& row) -> Result<StreamUpdate> {
        MILL_CHECK(check_active(row));
        const auto is_recent = [&](const EncryptionChange& change) {
            return change.type == type && from_epoch_ms(change.at_ms) > now() - day;
        };
        const auto most = limits::kinesis::key_changes_per_day_max;
        if (options_.aws_limits && std::ranges::count_if(row.encryption_changes, is_recent) >= most)
            return used_up(type == "KMS" ? "StartStreamEncryption" : "StopStreamEncryption", most);
        return StreamUpdate{.encryption_type = type, .key_id = key_id};
    };
    co_return co_await update_stream(stream, decide);
}

// The end of closed shards.
// -------------------------------------------------------------------------------------------------

void Kinesis::watch_expiry(const StreamPointer& stream) {
    if (stream->is_expiring || !stream->next_expiry()) return;
    stream->is_expiring = true;
    background_.spawn(expire_shards(stream));
}

Task<void> Kinesis::expire_shards(StreamPointer stream) {
    while (!stream->is_gone) {
        const auto expiry = stream->next_expiry();
        if (!expiry) break;
        Duration delay = limits::kinesis::transition_retry_delay;
        if (*expiry > now()) {
            delay = std::min<Duration>(*expiry - now(), limits::kinesis::expiry_look_interval);
        } else if (const auto erased = co_await erase_expired(stream); erased) {
            continue;
        } else if (!stream->is_gone) {
            machine_.log.warning("kinesis.not_expired", {{"stream", stream->row().name},
                                                         {"error", erased.error().message}});
        }
        // Woken by a change of the retention period, too.
        co_await stream->changed().wait_until(machine_.timers, machine_.clock.now() + delay);
    }
    stream->is_expiring = false;
}

Task<Result<void>> Kinesis::erase_expired(StreamPointer stream) {
    std::vector<ShardPointer> expired;
    {
        const auto turn = co_await stream->turn();
        if (stream->is_gone) co_return stream_not_found(stream->row().name, stream->row().account);
        StreamRow row = stream->row();
        for (const ShardRow& shard : take_expired(row, stream->horizon())) {
            for (const ShardPointer& known : stream->shards()) {
                if (known->identity().index == shard.index) expired.push_back(known);
            }
        }
        MILL_CO_CHECK(co_await store(stream, std::move(row)));
    }
    for (const ShardPointer& shard : expired) co_await drop_shard(stream, shard);
    co_return Result<void>();
}

// Shards that nobody writes or reads give back their space as well.
Task<void> Kinesis::trim_idle_shards() {
    for (;;) {
        co_await machine::sleep_until(machine_.timers,
                                      machine_.clock.now() + limits::kinesis::trim_idle_interval);
        for (const auto& [key, stream] : streams_) {
            for (const ShardPointer& shard : stream->shards()) stream->trim_lazily(*shard);
        }
    }
}

}  // namespace mill::kinesis
