// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/shard_poller.h"

#include <algorithm>

namespace mill::lambda {

ShardPoller::ShardPoller(PollerShared& shared, std::string shard_id)
    : shard_(shared, std::move(shard_id)), changed_(shared.machine.executor) {}

// Whatever ends the poller, its checkpoint is settled and no invocation is under way: the next one
// begins where this one has come.
Task<Result<void>> ShardPoller::run() {
    const auto count =
        static_cast<std::size_t>(shard_.mapping.mapping.settings.parallelization_factor);
    MILL_CO_CHECK(co_await shard_.checkpoint.open(count));
    for (std::size_t index = 0; index < count; ++index)
        lanes_.push_back(std::make_unique<Lane>(shard_, index));
    running_ = count;
    for (const auto& lane : lanes_) tasks_.spawn(run_lane(*lane));
    while (running_ > 0 && outcome_) co_await changed_.wait();
    shard_.failed = !outcome_;
    if (shard_.failed) shard_.mapping.stop.notify_all();
    while (is_delivering()) co_await changed_.wait();
    tasks_.clear();
    const auto settled = co_await shard_.checkpoint.settle();
    co_return outcome_ ? settled : outcome_;
}

Task<void> ShardPoller::run_lane(Lane& lane) {
    auto result = co_await lane.run();
    if (!result && outcome_) outcome_ = std::move(result);
    --running_;
    changed_.notify_all();
}

bool ShardPoller::is_delivering() const {
    return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->is_delivering(); });
}

std::vector<LaneStatus> ShardPoller::lanes() const {
    std::vector<LaneStatus> all;
    for (const auto& lane : lanes_) all.push_back(lane->status());
    return all;
}

}  // namespace mill::lambda
