// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/core.h"

#include <algorithm>
#include <utility>

namespace mill::sim {
namespace {

constexpr std::int64_t wall_start_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

}  // namespace

struct Core::Cancel final : machine::TimerHandle::Cancel {
    Cancel(std::weak_ptr<Core> owner, Key at, std::shared_ptr<Entry> what)
        : core(std::move(owner)), key(at), entry(std::move(what)) {}
    ~Cancel() override {
        if (auto alive = core.lock()) alive->timers_.erase(key);
        machine::Job dropped = std::exchange(entry->job, {});  // what it owns goes last
    }
    std::weak_ptr<Core> core;
    Key key;
    std::shared_ptr<Entry> entry;
};

Core::Core(std::uint64_t seed)
    : schedule(seed * 5 + 1), entropy(seed * 5 + 2), delays(seed * 5 + 3), workload(seed * 5 + 5) {}

WallTime Core::wall() const {
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch());
    return from_epoch_ms(wall_start_ms) + passed + wall_offset_;
}

std::shared_ptr<Core::Entry> Core::entry(Side side, JobKind kind, machine::Job job) {
    return std::make_shared<Entry>(side, kind, ++sequence_, std::move(job));
}

void Core::post(Side side, JobKind kind, machine::Job job) {
    ready_.push_back(entry(side, kind, std::move(job)));
}

void Core::after(Side side, JobKind kind, Duration delay, machine::Job job) {
    auto made = entry(side, kind, std::move(job));
    timers_.emplace(Key{now_ + delay, made->sequence}, std::move(made));
}

machine::TimerHandle Core::at(Side side, Instant when, machine::Job job) {
    auto made = entry(side, JobKind::timer, std::move(job));
    const Key key{when, made->sequence};
    timers_.emplace(key, made);
    return machine::TimerHandle(std::make_unique<Cancel>(weak_from_this(), key, std::move(made)));
}

void Core::collect_due() {
    while (!timers_.empty() && timers_.begin()->first.first <= now_) {
        ready_.push_back(std::move(timers_.begin()->second));
        timers_.erase(timers_.begin());
    }
}

bool Core::step(Instant limit) {
    collect_due();
    if (ready_.empty()) {
        if (timers_.empty() || timers_.begin()->first.first > limit) return false;
        now_ = timers_.begin()->first.first;
        collect_due();
    }
    std::swap(ready_[schedule.below(ready_.size())], ready_.back());
    const std::shared_ptr<Entry> picked = std::move(ready_.back());
    ready_.pop_back();
    machine::Job job = std::exchange(picked->job, {});
    if (!job) return true;  // cancelled after it had become ready
    mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    mix(picked->sequence * 8 + static_cast<std::uint64_t>(picked->kind));
    job();
    return true;
}

std::vector<machine::Job> Core::take(Side side) {
    std::vector<machine::Job> taken;
    for (auto& candidate : ready_) {
        if (candidate->side == side) taken.push_back(std::exchange(candidate->job, {}));
    }
    std::erase_if(ready_, [side](const auto& candidate) { return candidate->side == side; });
    for (auto place = timers_.begin(); place != timers_.end();) {
        if (place->second->side != side) {
            ++place;
            continue;
        }
        taken.push_back(std::exchange(place->second->job, {}));
        place = timers_.erase(place);
    }
    return taken;
}

void Core::drop(Side side) {
    // What jobs own may post again or cancel timers while it is destroyed.
    constexpr int rounds_max = 1000;
    int rounds = 0;
    while (!take(side).empty()) MILL_ASSERT(++rounds < rounds_max);
}

void Core::mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x100000001b3;
    hash_ ^= hash_ >> 29;
}

void SimExecutor::offload(machine::Job work, machine::Job done) {
    work();
    const Duration delay = core_.delays.delay(std::chrono::microseconds(20), offload_delay_max_);
    core_.after(side_, JobKind::offload, delay, std::move(done));
}

void SimEntropy::fill(char* to, std::size_t count) {
    for (std::size_t at = 0; at < count; ++at)
        to[at] = static_cast<char>(core_.entropy.next() >> 32);
}

}  // namespace mill::sim
