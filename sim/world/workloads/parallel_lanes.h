// SPDX-License-Identifier: Apache-2.0
// parallel_lanes: with up to ten lanes to a shard every key stays in order, nothing is lost, and no
// checkpoint passes a record of any lane that was not handled. Judged by the checkers of
// ordered_delivery and checkpoint_never_ahead.
#pragma once

#include "sim/world/workloads/checkpoint_never_ahead.h"

namespace mill::sim {

class ParallelLanes final : public CheckpointNeverAhead {
  public:
    explicit ParallelLanes(World& world)
        : CheckpointNeverAhead(world, {.mapping = {.parallelization = lanes(world)}}) {}
    std::vector<std::string> violations() override;

  private:
    static std::int64_t lanes(World& world) {
        return static_cast<std::int64_t>(2 + world.machine().random(9));
    }
};

}  // namespace mill::sim
