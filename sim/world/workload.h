// SPDX-License-Identifier: Apache-2.0
// Workload: what clients do to a world, and the one promise that is judged. Its checker knows what
// AWS promises and shares no code with the server.
//
// The order of calls: set_up in calm weather, start, then the nemeses strike; when all is calm
// again is_done is asked until it says yes, finish looks at what is left, violations judges.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world/world.h"

namespace mill::sim {

class Workload {
  public:
    virtual ~Workload() = default;
    virtual Task<Result<void>> set_up() = 0;
    virtual void start() = 0;
    virtual bool is_done() = 0;
    virtual Task<Result<void>> finish() = 0;
    // In words; empty if all is well.
    virtual std::vector<std::string> violations() = 0;
    // The longest pause between two misfortunes.
    virtual Duration pause_max() const { return std::chrono::milliseconds(1500); }
    // How long it may take to come to its end in calm weather.
    virtual Duration patience() const { return std::chrono::minutes(30); }
};

struct WorkloadKind {
    std::string_view name;
    std::unique_ptr<Workload> (*make)(World& world);
};
std::span<const WorkloadKind> workload_kinds();

}  // namespace mill::sim
