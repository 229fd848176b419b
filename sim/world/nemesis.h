// SPDX-License-Identifier: Apache-2.0
// Nemeses: the misfortunes that befall a world while a workload runs. Each kind composes with any
// other; the seed picks which, when and how hard. What they did is kept as a schedule in words.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world/world.h"

namespace mill::sim {

// power_loss, kill, restarts, slow_disk, failing_disk, full_disk, clock_step, runtime_crash,
// runtime_hang, connection_drop.
std::span<const std::string_view> nemesis_names();

class Nemeses {
  public:
    // Kinds by name; none: all.
    Nemeses(World& world, std::vector<std::string> kinds);

    void strike();
    // All that lasts ends, and the server runs.
    void calm();
    const std::vector<std::string>& schedule() const { return schedule_; }
    // A server that did not come back.
    const std::vector<std::string>& violations() const { return violations_; }

  private:
    SimMachine& sim() { return world_.machine(); }
    std::uint64_t random(std::uint64_t below) { return sim().random(below); }
    void note(std::string what);
    void pass(std::chrono::milliseconds most);
    void lose_power();
    void kill();
    void restart_often();
    void slow_disk();
    void fail_disk();
    void fill_disk();
    void step_clock();
    void heal();
    void bring_up();
    void begin_reads_failing();

    World& world_;
    std::vector<std::string> kinds_;
    std::vector<std::string> schedule_;
    std::vector<std::string> violations_;
    bool disk_is_bad_ = false;
};

}  // namespace mill::sim
