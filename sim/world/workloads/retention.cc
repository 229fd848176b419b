// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/retention.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::sim {
namespace {

constexpr const char* stream = "kept";
constexpr int rounds = 12;
constexpr std::size_t violations_max = 10;

}  // namespace

// Steps of the clock are seen here in time: every step that goes forward is looked at before the
// next one that goes back.
WallTime Retention::wall() {
    const WallTime now = world_.machine().outside().clock.wall();
    latest_ = std::max(latest_, now);
    return now;
}

Task<void> Retention::sleep(Duration time) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers, m.clock.now() + time);
}

Task<Result<void>> Retention::set_up() {
    const auto shards = static_cast<std::int64_t>(1 + random(2));
    MILL_CO_CHECK(co_await world_.client().create_stream(stream, shards));
    kept_ = std::chrono::hours(24);
    if (random(2) == 0) co_return Result<void>{};
    kept_ = std::chrono::hours(36);
    wire::Value input = wire::Value::map();
    input["StreamName"] = stream;
    input["RetentionPeriodHours"] = std::int64_t{36};
    MILL_CO_CHECK(co_await world_.client().call(
        "kinesis", "Kinesis_20131202.IncreaseStreamRetentionPeriod", std::move(input)));
    co_return Result<void>{};
}

void Retention::start() { scope_.spawn(live()); }

Task<void> Retention::live() {
    for (int round = 0; round < rounds; ++round) {
        co_await put_some();
        co_await look();
        const std::uint64_t hours = random(16);
        for (std::uint64_t minutes = 0; minutes < hours * 60; minutes += 5) {
            wall();
            co_await sleep(std::chrono::minutes(5));
        }
    }
    done_ = true;
}

Task<void> Retention::put_some() {
    for (std::uint64_t left = 1 + random(6); left > 0; --left) {
        const WallTime began = wall();
        const std::string key = std::to_string(puts_.size());
        const auto answer = co_await world_.client().put(stream, key, Bytes(1 + random(2000), 'r'));
        if (answer)
            puts_.push_back({.began = began,
                             .shard_id = answer->shard_id,
                             .sequence_number = answer->sequence_number});
        co_await sleep(std::chrono::seconds(random(100)));
    }
}

Task<void> Retention::look() {
    const int steps = world_.conditions().clock_steps;
    const WallTime earliest = wall();
    const auto records = co_await world_.client().records(stream);
    wall();
    if (!records || world_.conditions().clock_steps != steps) co_return;
    judge(*records, earliest);
}

void Retention::judge(const std::vector<StoredRecord>& records, WallTime earliest) {
    const auto kept = std::chrono::floor<std::chrono::milliseconds>(kept_);
    const auto broken = [this](std::string what) {
        if (violations_.size() < violations_max) violations_.push_back(std::move(what));
    };
    std::set<std::string> found;
    for (const StoredRecord& record : records) {
        found.insert(record.shard_id + ":" + record.sequence_number);
        if (record.arrival + kept < earliest)
            broken(fmt::format("{} of {} is read {} ms beyond retention", record.sequence_number,
                               record.shard_id, (earliest - record.arrival - kept).count()));
    }
    // The clock may have been ahead once, by as much as it has ever shown or will have been
    // stepped.
    const auto margin = std::chrono::minutes(30);
    for (const Put& put : puts_) {
        if (put.began + kept <= latest_ + margin) continue;
        if (!found.contains(put.shard_id + ":" + put.sequence_number))
            broken(fmt::format("{} of {} is gone {} ms before its time", put.sequence_number,
                               put.shard_id, (put.began + kept - latest_).count()));
    }
}

Task<Result<void>> Retention::finish() {
    const WallTime earliest = wall();
    MILL_CO_TRY(const auto records, co_await world_.client().records(stream));
    judge(records, earliest);
    // Much later nothing is left.
    co_await sleep(kept_ + std::chrono::hours(2));
    MILL_CO_TRY(const auto left, co_await world_.client().records(stream));
    if (!left.empty()) co_return fail("sim.kept", "records are kept for ever");
    co_return Result<void>{};
}

}  // namespace mill::sim
