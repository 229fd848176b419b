// SPDX-License-Identifier: Apache-2.0
// simulate: one seed of one workload under nemeses, from an empty disk to the verdict.
#pragma once

#include <string>
#include <vector>

#include "sim/world/world.h"

namespace mill::sim {

struct Scenario {
    Seed seed = 1;
    std::string workload = "ordered_delivery";
    std::vector<std::string> nemeses;  // by name; none: all of them
    Log log;                           // the server's
};

struct Report {
    std::vector<std::string> violations;
    std::vector<std::string> schedule;  // what the nemeses did
    std::uint64_t trace_hash = 0;
    std::string command;  // that repeats it
};

Report simulate(Scenario scenario);

// For gtests: MILL_SIM_FROM (default 1) and as many as MILL_SIM_SEEDS says, or `count`.
std::vector<Seed> seeds(std::uint64_t count);

// The report of a failure, whole.
std::string text_of(const Report& report);

}  // namespace mill::sim
