// SPDX-License-Identifier: Apache-2.0
// fan_out: consumers follow a stream by SubscribeToShard while producers put and a shard is split
// now and then; a subscription that breaks, or is given up, is followed by another one behind its
// last continuation. Judged by fan_out_checker.h.
#pragma once

#include <memory>

#include "sim/world/event_reader.h"
#include "sim/world/workload.h"
#include "sim/world/workloads/fan_out_checker.h"

namespace mill::sim {

class FanOut final : public Workload {
  public:
    explicit FanOut(World& world) : world_(world) {}
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    // One consumer's way through one shard.
    struct Reading {
        std::string consumer_arn;
        std::string shard_id;
        std::string continuation;  // empty: from the beginning
        bool has_ended = false;
    };
    Task<void> produce(int producer);
    Task<void> split();
    Task<void> follow(Reading reading);
    Task<void> listen(Reading* reading, EventReader* events);
    void take(Reading* reading, const wire::Value& event);
    Task<Result<std::unique_ptr<EventReader>>> subscribe(const Reading* reading);
    Task<Result<wire::Value>> ask(std::string operation, wire::Value input);
    void note_refusal(const std::string& what, const std::string& code, const std::string& message);
    Task<void> sleep(std::uint64_t ms_max);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }

    World& world_;
    std::vector<std::string> consumers_;
    FanOutHistory history_;
    std::vector<std::string> refusals_;
    int busy_ = 0;  // producers and splitters
    Scope scope_;
};

}  // namespace mill::sim
