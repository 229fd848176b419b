// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/parallel_lanes.h"

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {

std::vector<std::string> ParallelLanes::violations() {
    auto all = ordered_delivery_violations(history());
    for (std::string& violation : CheckpointNeverAhead::violations())
        all.push_back(std::move(violation));
    return all;
}

}  // namespace mill::sim
