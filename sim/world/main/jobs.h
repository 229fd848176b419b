// SPDX-License-Identifier: Apache-2.0
// Runs of seeds, spread over processes: a simulated world is one thread's, and one that aborts must
// not take the others with it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/machine/sim_machine.h"

namespace mill::sim {

struct Job {
    std::string workload;
    Seed seed = 0;
};

// Calls `run` for each, in `processes` processes at a time (1: in this one). True if all of them
// said true. A process that dies names its job on stdout and the rest of its share is left.
bool run_jobs(const std::vector<Job>& jobs, std::size_t processes,
              const std::function<bool(const Job&)>& run);

}  // namespace mill::sim
