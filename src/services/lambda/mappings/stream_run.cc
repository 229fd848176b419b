// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/stream_run.h"

#include <algorithm>

namespace mill::lambda {
namespace {

// How soon a source that is gone or broken is looked at again.
constexpr auto probe_interval = std::chrono::seconds(5);

}  // namespace

std::vector<ShardStatus> MappingRun::shards() const { return {}; }

StreamRun::StreamRun(const MappingServices& services, Mapping mapping, std::string role_arn,
                     MappingCounts& counts, Discards& discards)
    : shared_(services, std::move(mapping), std::move(role_arn), counts, discards),
      progress_(services.machine.executor) {}

Task<void> StreamRun::finish() {
    co_await shared_.finish();
    tasks_.clear();
    pollers_.clear();
}

Task<void> StreamRun::run() {
    if (auto loaded = shared_.checkpoints.load(); !loaded) {
        shared_.last_result = "PROBLEM: " + loaded.error().message;
        co_return;
    }
    auto filter = model::EventFilter::compile(shared_.mapping.settings.filters);
    if (!filter) {  // create and update have compiled it before
        shared_.last_result = "PROBLEM: " + filter.error().message;
        co_return;
    }
    shared_.filter = *std::move(filter);
    for (;;) {
        if (co_await follow()) continue;
        co_await machine::sleep_until(shared_.machine.timers,
                                      shared_.machine.clock.now() + probe_interval);
    }
}

Task<bool> StreamRun::follow() {
    auto incarnation = shared_.source.incarnation(shared_.stream_arn);
    if (!incarnation) {
        shared_.last_result = "PROBLEM: " + incarnation.error().message;
        if (incarnation.error().code == "ResourceNotFoundException") co_await forget_all();
        co_return false;
    }
    if (*incarnation != shared_.checkpoints.source())
        co_return co_await take_up(*std::move(incarnation));
    const auto usable = shared_.source.check_source(shared_.mapping.source_arn);
    auto shards = shared_.source.shards(shared_.stream_arn);
    if (!usable || !shards) {  // the consumer is gone, its stream is not
        shared_.last_result = "PROBLEM: " + (usable ? shards.error() : usable.error()).message;
        co_return false;
    }
    has_progressed_ = false;
    start_pollers(*shards);  // one may end at once
    co_await forget_others(*std::move(shards));
    while (!has_progressed_) co_await progress_.wait();
    co_return true;
}

Task<bool> StreamRun::take_up(std::string incarnation) {
    if (!shared_.checkpoints.source().empty()) {
        co_await forget_all();
        if (!shared_.checkpoints.source().empty()) co_return false;
    }
    const auto taken = co_await shared_.checkpoints.set_source(std::move(incarnation));
    if (!taken) {
        shared_.last_result = "PROBLEM: " + taken.error().message;
        shared_.machine.log.error("checkpoint.not_written", {{"error", taken.error().message}});
    }
    co_return taken.has_value();
}

Task<void> StreamRun::forget_all() {
    // They see it themselves; until then they write checkpoints.
    while (!pollers_.empty()) co_await progress_.wait();
    finished_.clear();
    auto forgotten = co_await shared_.discards.clear();
    if (forgotten) forgotten = co_await shared_.checkpoints.forget_all();
    if (!forgotten) {
        shared_.machine.log.error("checkpoint.not_written", {{"error", forgotten.error().message}});
    }
}

std::vector<ShardStatus> StreamRun::shards() const {
    std::vector<ShardStatus> all;
    for (const auto& [id, poller] : pollers_) {
        all.push_back({.shard_id = id,
                       .position = poller->positions().lowest(),
                       .tail = shared_.source.latest(shared_.stream_arn, id).value_or(0),
                       .lanes = poller->lanes()});
    }
    return all;
}

void StreamRun::start_pollers(const std::vector<ports::SourceShard>& shards) {
    std::set<std::string_view> listed;
    for (const auto& shard : shards) listed.insert(shard.shard_id);
    for (const auto& shard : shards) {
        if (pollers_.contains(shard.shard_id) || finished_.contains(shard.shard_id)) continue;
        const bool parents_done = std::all_of(
            shard.parents.begin(), shard.parents.end(),
            [&](const std::string& id) { return finished_.contains(id) || !listed.contains(id); });
        if (!parents_done) continue;
        pollers_[shard.shard_id] = std::make_unique<ShardPoller>(shared_, shard.shard_id);
        tasks_.spawn(poll(shard.shard_id));
    }
}

Task<void> StreamRun::forget_others(std::vector<ports::SourceShard> listed) {
    std::set<std::string> kept;
    for (auto& shard : listed) kept.insert(std::move(shard.shard_id));
    for (const auto& [id, poller] : pollers_) kept.insert(id);
    std::erase_if(finished_, [&](const std::string& id) { return !kept.contains(id); });
    auto forgotten = co_await shared_.checkpoints.forget_others(kept);
    if (forgotten) forgotten = co_await shared_.discards.forget_others(std::move(kept));
    if (!forgotten) {
        shared_.machine.log.error("checkpoint.not_written", {{"error", forgotten.error().message}});
    }
}

Task<void> StreamRun::poll(std::string shard_id) {
    auto result = co_await pollers_.at(shard_id)->run();
    if (result) {
        finished_.insert(shard_id);
    } else if (result.error().code == "mapping.stopped") {
        co_return;
    } else {
        shared_.last_result = "PROBLEM: " + result.error().message;
        shared_.machine.log.warning("poller.failed", {{"mapping", shared_.mapping.uuid},
                                                      {"shard", shard_id},
                                                      {"error", result.error().message}});
        if (result.error().code != "ResourceNotFoundException") {
            co_await machine::sleep_until(shared_.machine.timers,
                                          shared_.machine.clock.now() + probe_interval);
        }
    }
    pollers_.erase(shard_id);
    has_progressed_ = true;
    progress_.notify_all();
}

}  // namespace mill::lambda
