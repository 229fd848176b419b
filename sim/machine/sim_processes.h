// SPDX-License-Identifier: Apache-2.0
// Processes as scripts: coroutines that run inside the simulated machine, on a network of their own
// kind, until they return or are killed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "machine/processes.h"
#include "sim/machine/core.h"
#include "sim/machine/sim_machine.h"

namespace mill::sim {

class ProcessState;

struct ProcessTable {
    struct Registered {
        std::string key;
        std::shared_ptr<Script> script;
    };
    std::vector<Registered> scripts;
    std::vector<std::weak_ptr<ProcessState>> running;
    // Ends all of them. `silently`: whoever waits for them is gone too, and is not woken.
    void end_all(machine::ExitStatus status, bool silently);
};

class SimProcesses final : public machine::Processes {
  public:
    // `machine` is set once the machine around this is complete.
    SimProcesses(Core& core, Side side, std::shared_ptr<ProcessTable> table)
        : core_(core), side_(side), table_(std::move(table)) {}
    void set_machine(Machine* machine) { machine_ = machine; }
    Result<std::unique_ptr<machine::Process>> spawn(machine::SpawnRequest request) override;
    Task<Result<machine::Program>> find_interpreter(std::string name, std::string version) override;
    std::string isolation() const override { return "none: simulated"; }

  private:
    Core& core_;
    Side side_;
    std::shared_ptr<ProcessTable> table_;
    Machine* machine_ = nullptr;
};

}  // namespace mill::sim
