// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/checkpoint_never_ahead.h"

#include <fmt/format.h>

#include <charconv>

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {
namespace {

constexpr std::uint64_t sample_pause_ms = 40;
constexpr std::uint64_t sample_pause_at_the_end_ms = 2000;  // of a quarter of an hour
constexpr std::int64_t durable_after_ms = 2000;

// The moment of the first invocation that had the record and said yes.
std::map<std::string, History::Moment> answered_moments(const History& history) {
    std::map<std::string, History::Moment> moments;
    for (const History::Invocation& invocation : history.invocations) {
        if (invocation.answered == 0) continue;
        for (const History::Delivery& record : invocation.records) {
            const std::string id = record.shard_id + ":" + record.sequence_number;
            const auto place = moments.try_emplace(id, invocation.answered).first;
            place->second = std::min(place->second, invocation.answered);
        }
    }
    return moments;
}

}  // namespace

std::vector<std::string> checkpoint_violations(
    const History& history, const std::vector<CheckpointSample>& samples,
    const std::map<std::string, std::vector<std::string>>& shards) {
    std::vector<std::string> violations;
    const auto answered = answered_moments(history);
    std::map<std::string, std::uint64_t> highest;
    std::map<std::string, CheckpointSample> standing;
    std::map<std::string, std::uint64_t> settled;
    for (const CheckpointSample& sample : samples) {
        const std::string& shard = sample.shard_id;
        const auto known = shards.find(shard);
        const std::size_t records = known == shards.end() ? 0 : known->second.size();
        std::uint64_t& before = highest[shard];
        // A row shows before it is durable: until it has stood for a while a crash may take it
        // back.
        CheckpointSample& stands = standing[shard];
        if (stands.life != sample.life || stands.position != sample.position) stands = sample;
        if (sample.at_ms - stands.at_ms >= durable_after_ms)
            settled[shard] = std::max(settled[shard], sample.position);
        if (sample.position < settled[shard])
            violations.push_back(fmt::format("{}: the checkpoint went back from {} to {}", shard,
                                             settled[shard], sample.position));
        if (sample.position > records)
            violations.push_back(
                fmt::format("{}: checkpoint {} of {} records", shard, sample.position, records));
        for (std::uint64_t at = before; at < std::min<std::uint64_t>(sample.position, records);
             ++at) {
            const auto moment = answered.find(shard + ":" + known->second[at]);
            if (moment != answered.end() && moment->second < sample.seen) continue;
            violations.push_back(
                fmt::format("{}: the checkpoint passed record {} ({}) before it "
                            "was processed",
                            shard, at, known->second[at]));
        }
        before = std::max(before, sample.position);
    }
    return violations;
}

std::vector<std::string> checkpoints_left_behind(
    const std::vector<CheckpointSample>& samples,
    const std::map<std::string, std::vector<std::string>>& shards) {
    std::map<std::string, std::uint64_t> last;
    for (const CheckpointSample& sample : samples) last[sample.shard_id] = sample.position;
    std::vector<std::string> violations;
    for (const auto& [shard, records] : shards) {
        if (last[shard] != records.size())
            violations.push_back(fmt::format("{}: the checkpoint stands at {} of {} in the end",
                                             shard, last[shard], records.size()));
    }
    return violations;
}

void CheckpointNeverAhead::start() {
    pipeline_.start();
    scope_.spawn(watch());
}

Task<void> CheckpointNeverAhead::watch() {
    Machine& m = world_.machine().outside();
    for (;;) {
        sample();
        const std::uint64_t most = is_ending_ ? sample_pause_at_the_end_ms : sample_pause_ms;
        const auto pause = std::chrono::milliseconds(world_.machine().random(most));
        co_await machine::sleep_until(m.timers, m.clock.now() + pause);
    }
}

void CheckpointNeverAhead::sample() {
    storage::Table* table = world_.table();
    if (!table) return;
    const std::string prefix = "lambda/checkpoint/" + pipeline_.mapping() + "/";
    const auto rows = table->scan(prefix);
    if (!rows) return;
    for (const auto& row : *rows) {
        const auto now = world_.machine().outside().clock.now().time_since_epoch();
        const Conditions& conditions = world_.conditions();
        CheckpointSample seen{.seen = pipeline_.history().now + 1,
                              .shard_id = row.key.substr(prefix.size()),
                              .at_ms = std::chrono::floor<std::chrono::milliseconds>(now).count(),
                              .life = conditions.starts + conditions.disk_faults};
        std::from_chars(row.value.data(), row.value.data() + row.value.size(), seen.position);
        samples_.push_back(std::move(seen));
    }
}

bool CheckpointNeverAhead::is_done() {
    return pipeline_.producers_done() && unprocessed_records(pipeline_.history()) == 0;
}

Task<Result<void>> CheckpointNeverAhead::finish() {
    if (!is_done()) co_return fail("sim.stuck", "delivery: " + co_await pipeline_.mapping_status());
    is_ending_ = true;
    // The last yes is on its way to the checkpoint; records that nobody acknowledged are delivered.
    Machine& m = world_.machine().outside();
    co_await machine::sleep_until(m.timers, m.clock.now() + std::chrono::minutes(15));
    sample();
    scope_.clear();
    MILL_CO_TRY(const auto ids, co_await world_.client().shard_ids(Pipeline::stream_name));
    for (const std::string& id : ids) {
        MILL_CO_TRY(const auto records,
                    co_await world_.client().shard_records(Pipeline::stream_name, id));
        for (const StoredRecord& record : records) shards_[id].push_back(record.sequence_number);
        accounts_.put.merge(put_in(records));
    }
    accounts_.delivered = delivered_in(history());
    co_return Result<void>{};
}

std::vector<std::string> CheckpointNeverAhead::violations() {
    auto all = checkpoint_violations(pipeline_.history(), samples_, shards_);
    if (world_.conditions().disk_faults == 0) {
        for (std::string& behind : checkpoints_left_behind(samples_, shards_))
            all.push_back(std::move(behind));
    }
    all = with_accounts(std::move(all), accounts_);
    all.resize(std::min<std::size_t>(all.size(), 10));
    return all;
}

}  // namespace mill::sim
