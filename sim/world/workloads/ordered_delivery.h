// SPDX-License-Identifier: Apache-2.0
// ordered_delivery: producers put keyed, numbered records; a function behind an event source
// mapping consumes them; the server loses power, is killed, its functions crash, its disk is slow
// and the clock steps. Judged by ordered_delivery_checker.h.
#pragma once

#include <string>
#include <vector>

#include "sim/machine/sim_machine.h"
#include "sim/world/workloads/history.h"

namespace mill::sim {

struct Verdict {
    std::vector<std::string> violations;
    std::uint64_t trace_hash = 0;
    History history;
    int power_losses = 0;
    int crashes = 0;
    int runtime_crashes = 0;
};

Verdict run_ordered_delivery(Seed seed, Log log = {});

}  // namespace mill::sim
