// SPDX-License-Identifier: Apache-2.0
// many_streams: streams, functions, mappings and stacks are created, deleted and looked at. What
// was acknowledged as created is there until it is deleted, what was acknowledged as deleted is
// gone for good, everything comes to rest, and what rests is whole.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/things.h"

namespace mill::sim {

class ManyStreams final : public Workload {
  public:
    explicit ManyStreams(World& world);
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return owners_left_ == 0; }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override { return violations_; }

  private:
    enum class Belief { unknown, absent, present };
    struct Owned {  // by one client, who does one thing after the other
        std::unique_ptr<Thing> thing;
        Belief belief = Belief::absent;
    };
    Task<void> own(Owned* owned);
    Task<void> create(Owned* owned);
    Task<void> remove(Owned* owned);
    Task<void> look(Owned* owned);
    Task<Result<void>> settle(Owned* owned);
    void judge(Owned& owned, ThingState state);
    void broken(const Owned& owned, const std::string& what);
    Task<void> sleep(std::chrono::milliseconds time);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }

    World& world_;
    std::vector<std::unique_ptr<Owned>> all_;
    int owners_left_ = 0;
    std::vector<std::string> violations_;
    Scope scope_;
};

}  // namespace mill::sim
