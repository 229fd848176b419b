// SPDX-License-Identifier: Apache-2.0
#include "services/logs/live_tail.h"

#include <algorithm>

#include "model/limits.h"

namespace mill::logs {
namespace {

using std::chrono::seconds;

constexpr Duration update_interval = seconds(1);

}  // namespace

std::size_t LiveTails::sessions_of(const std::string& account) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        all_, [&](const LiveTail* tail) { return tail->spec_.account == account; }));
}

std::span<LiveTail* const> LiveTails::of_group(std::string_view key) const {
    const auto found = by_group_.find(key);
    if (found == by_group_.end()) return {};
    return found->second;
}

LiveTail::LiveTail(Machine& machine, LiveTails& tails, Spec spec)
    : machine_(machine),
      tails_(tails),
      spec_(std::move(spec)),
      began_(machine.clock.now()),
      next_update_(began_ + update_interval) {
    tails_.all_.push_back(this);
    for (const std::string& key : spec_.group_keys) tails_.by_group_[key].push_back(this);
}

LiveTail::~LiveTail() {
    std::erase(tails_.all_, this);
    for (const std::string& key : spec_.group_keys) {
        const auto found = tails_.by_group_.find(key);
        std::erase(found->second, this);
        if (found->second.empty()) tails_.by_group_.erase(found);
    }
}

bool LiveTail::wants(std::string_view stream, std::string_view message) const {
    const auto& names = spec_.start.log_stream_names;
    const auto& prefixes = spec_.start.log_stream_name_prefixes;
    const bool is_meant =
        names.empty()
            ? prefixes.empty() || std::ranges::any_of(prefixes,
                                                      [&](const std::string& prefix) {
                                                          return stream.starts_with(prefix);
                                                      })
            : std::ranges::find(names, stream) != names.end();
    return is_meant && spec_.pattern.matches(message);
}

void LiveTail::take(TailedEvent event) {
    waiting_bytes_ += event.message.size();
    waiting_.push_back(std::move(event));
    while (waiting_.size() > 1 && (waiting_.size() > limits::logs::tail_waiting_max ||
                                   waiting_bytes_ > limits::logs::tail_waiting_bytes_max)) {
        waiting_bytes_ -= waiting_.front().message.size();
        waiting_.pop_front();
        is_sampled_ = true;
    }
}

SessionUpdate LiveTail::update() {
    SessionUpdate update;
    update.metadata.sampled = std::exchange(is_sampled_, false);
    while (!waiting_.empty() && update.results.size() < limits::logs::tail_update_max) {
        waiting_bytes_ -= waiting_.front().message.size();
        update.results.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return update;
}

Task<Result<std::optional<wire::Event>>> LiveTail::next() {
    if (!std::exchange(is_begun_, true))
        co_return wire::event(LiveTailEvents{.session_start = spec_.start});
    if (machine_.clock.now() >= began_ + limits::logs::tail_life) {
        co_return fail("SessionTimeoutException", "The session has reached its end of three hours.",
                       400);
    }
    if (machine_.clock.now() < next_update_)
        co_await machine::sleep_until(machine_.timers, next_update_);
    next_update_ = machine_.clock.now() + update_interval;
    co_return wire::event(LiveTailEvents{.session_update = update()});
}

}  // namespace mill::logs
