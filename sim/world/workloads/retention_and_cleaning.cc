// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/retention_and_cleaning.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::sim {
namespace {

constexpr const char* brief = "brief";
constexpr const char* lasting = "lasting";
constexpr std::int64_t week_hours = 168;
constexpr int rounds = 10;
constexpr std::size_t violations_max = 10;
constexpr std::uint64_t cleaned_below_percent = 12;
constexpr std::uint64_t record_overhead_max = 300;
// A segment, and what is written ahead of it.
constexpr std::uint64_t segment_file_bytes_max = World::segment_bytes + 320 * 1024;

Bytes data_of(const std::string& key, std::size_t bytes) {
    Bytes data = key + " ";
    while (data.size() < bytes)
        data += static_cast<char>('a' + (data.size() * 7 + key.size()) % 26);
    return data;
}

}  // namespace

// Steps of the clock are seen here in time: every step that goes forward is looked at before the
// next one that goes back.
WallTime RetentionAndCleaning::wall() {
    const WallTime now = world_.machine().outside().clock.wall();
    latest_ = std::max(latest_, now);
    return now;
}

Task<void> RetentionAndCleaning::sleep(Duration time) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers, m.clock.now() + time);
}

Task<void> RetentionAndCleaning::days(Duration time) {
    constexpr auto step = std::chrono::minutes(5);
    for (Duration passed{}; passed < time; passed += step) {
        wall();
        co_await sleep(step);
    }
}

Task<Result<void>> RetentionAndCleaning::make_stream(std::string name, std::int64_t hours) {
    const auto shards = static_cast<std::int64_t>(1 + random(2));
    MILL_CO_CHECK(co_await world_.client().create_stream(name, shards));
    kept_[name] = std::chrono::hours(hours);
    if (hours == 24) co_return Result<void>{};
    wire::Value input = wire::Value::map();
    input["StreamName"] = name;
    input["RetentionPeriodHours"] = hours;
    MILL_CO_CHECK(co_await world_.client().call(
        "kinesis", "Kinesis_20131202.IncreaseStreamRetentionPeriod", std::move(input)));
    co_return Result<void>{};
}

Task<Result<void>> RetentionAndCleaning::set_up() {
    MILL_CO_CHECK(co_await make_stream(brief, random(2) == 0 ? 24 : 36));
    co_return co_await make_stream(lasting, week_hours);
}

void RetentionAndCleaning::start() { scope_.spawn(live()); }

Task<void> RetentionAndCleaning::live() {
    for (int round = 0; round < rounds; ++round) {
        co_await put_some();
        co_await look();
        co_await days(std::chrono::hours(random(14)));
    }
    done_ = true;
}

Task<void> RetentionAndCleaning::put_some() {
    for (std::uint64_t left = 2 + random(4); left > 0; --left) {
        co_await put_one(brief, 20'000 + random(30'000));
        if (random(2) == 0) co_await put_one(lasting, 1 + random(800));
        co_await put_one(brief, 1 + random(2000));
        co_await sleep(std::chrono::seconds(random(100)));
    }
}

Task<void> RetentionAndCleaning::put_one(std::string stream, std::size_t bytes) {
    const std::size_t index = puts_.size();
    const std::string key = "k" + std::to_string(index);
    puts_.push_back({.stream = stream, .key = key, .data = data_of(key, bytes), .began = wall()});
    const auto answer = co_await world_.client().put(stream, key, data_of(key, bytes));
    if (!answer) co_return;
    puts_[index].is_acknowledged = true;
    puts_[index].shard_id = answer->shard_id;
    puts_[index].sequence_number = answer->sequence_number;
}

Task<Result<Look>> RetentionAndCleaning::read_all() {
    Look seen{.earliest = wall(), .latest = {}, .records = {}};
    for (const char* stream : {brief, lasting}) {
        MILL_CO_TRY(seen.records[stream], co_await world_.client().records(stream));
    }
    wall();
    seen.latest = latest_;
    co_return seen;
}

Task<void> RetentionAndCleaning::look() {
    const int steps = world_.conditions().clock_steps;
    const auto seen = co_await read_all();
    if (seen && world_.conditions().clock_steps == steps) judge(*seen);
}

void RetentionAndCleaning::judge(const Look& look) {
    for (std::string& violation : retention_violations(puts_, look, kept_)) {
        if (violations_.size() < violations_max) violations_.push_back(std::move(violation));
    }
}

void RetentionAndCleaning::check_room(std::uint64_t kept_bytes) {
    const std::uint64_t taken =
        machine::tree_bytes(world_.machine().outside().files, World::data_directory() + "/log");
    const std::uint64_t most =
        room_max(kept_bytes, segment_file_bytes_max, World::segment_bytes, cleaned_below_percent);
    if (taken > most && violations_.size() < violations_max)
        violations_.push_back(fmt::format("{} bytes are kept, the files take {}, not at most {}",
                                          kept_bytes, taken, most));
}

// What has expired is trimmed when its shards are looked at; the cleaner works behind that.
Task<Result<void>> RetentionAndCleaning::give_back() {
    for (int n = 0; n < 3; ++n) {
        MILL_CO_TRY(const Look seen, co_await read_all());
        judge(seen);
        co_await sleep(std::chrono::minutes(10));
    }
    // Files that a bad disk has kept from being removed go at the next start.
    if (world_.conditions().disk_faults > 0) {
        world_.crash();
        MILL_CO_CHECK(world_.start());
        co_await sleep(std::chrono::minutes(10));
    }
    MILL_CO_TRY(const Look seen, co_await read_all());
    judge(seen);
    std::uint64_t kept_bytes = 0;
    for (const auto& [stream, records] : seen.records) {
        for (const StoredRecord& record : records)
            kept_bytes += record.data.size() + record_overhead_max;
    }
    check_room(kept_bytes);
    co_return Result<void>{};
}

Task<Result<void>> RetentionAndCleaning::finish() {
    MILL_CO_TRY(const Look seen, co_await read_all());
    judge(seen);
    // The brief ones have expired, most that last have not.
    co_await sleep(kept_.at(brief) + std::chrono::hours(2));
    wall();
    MILL_CO_CHECK(co_await give_back());
    // Much later nothing is left.
    co_await sleep(kept_.at(lasting) + std::chrono::hours(2));
    wall();
    MILL_CO_CHECK(co_await give_back());
    MILL_CO_TRY(const Look left, co_await read_all());
    for (const auto& [stream, records] : left.records) {
        if (!records.empty()) co_return fail("sim.kept", "records of " + stream + " stay for ever");
    }
    co_return Result<void>{};
}

}  // namespace mill::sim
