// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/sim_machine.h"

#include "sim/machine/core.h"
#include "sim/machine/sim_files.h"
#include "sim/machine/sim_network.h"
#include "sim/machine/sim_processes.h"

namespace mill::sim {

namespace {

// The Machine of one side.
struct Half {
    Half(Core& core, Side side, SimClock& clock, SimEntropy& entropy, SimFiles& files,
         std::shared_ptr<NetworkState> wires, std::shared_ptr<ProcessTable> table,
         SimExecutor* inside, SimExecutor* outside)
        : timers(core, side),
          network(core, side, std::move(wires), inside, outside),
          processes(core, side, std::move(table)),
          machine{clock,     timers, side == Side::inside ? *inside : *outside,
                  entropy,   files,  network,
                  processes, Log()} {
        processes.set_machine(&machine);
    }
    SimTimers timers;
    SimNetwork network;
    SimProcesses processes;
    Machine machine;
};

}  // namespace

struct SimMachine::State {
    explicit State(Seed seed)
        : core(std::make_shared<Core>(seed)), disk(std::make_shared<Disk>(seed * 5 + 4)) {}

    std::shared_ptr<Core> core;
    std::shared_ptr<Disk> disk;
    std::shared_ptr<NetworkState> wires = std::make_shared<NetworkState>();
    std::shared_ptr<ProcessTable> processes[2] = {std::make_shared<ProcessTable>(),
                                                  std::make_shared<ProcessTable>()};
    SimClock clock{*core};
    SimEntropy entropy{*core};
    SimFiles files{disk};
    SimExecutor inside_executor{*core, Side::inside};
    SimExecutor outside_executor{*core, Side::outside};
    Half inside{*core,
                Side::inside,
                clock,
                entropy,
                files,
                wires,
                processes[0],
                &inside_executor,
                &outside_executor};
    Half outside{*core,
                 Side::outside,
                 clock,
                 entropy,
                 files,
                 wires,
                 processes[1],
                 &inside_executor,
                 &outside_executor};

    void kill(Side side) {
        processes[side == Side::outside]->end_all({.signal = 9}, true);
        wires->kill(side, *core);
        core->drop(side);
    }
};

SimMachine::SimMachine(Seed seed) : state_(std::make_unique<State>(seed)) {}

SimMachine::~SimMachine() {
    state_->kill(Side::inside);
    state_->kill(Side::outside);
}

Machine& SimMachine::machine() { return state_->inside.machine; }
Machine& SimMachine::outside() { return state_->outside.machine; }

bool SimMachine::run_until(const std::function<bool()>& done, std::uint64_t steps_max) {
    for (std::uint64_t steps = 0; !done(); ++steps) {
        if (steps == steps_max || !state_->core->step(Instant::max())) return false;
    }
    return true;
}

namespace {

Task<void> run_and_note(Task<void> task, bool* done) {
    co_await std::move(task);
    *done = true;
}

}  // namespace

bool SimMachine::run_task(Task<void> task) {
    bool done = false;
    Scope scope;
    scope.spawn(run_and_note(std::move(task), &done));
    return run_until([&done] { return done; });
}

void SimMachine::run_for(Duration duration) {
    constexpr std::uint64_t steps_max = 100'000'000;
    const Instant end = state_->core->now() + duration;
    std::uint64_t steps = 0;
    while (state_->core->step(end)) MILL_ASSERT(++steps < steps_max);
    state_->core->skip_to(end);
}

void SimMachine::kill_software() {
    state_->kill(Side::inside);
    ++state_->disk->generation;
    state_->disk->locks.clear();
}

void SimMachine::power_loss(DiskFaults faults) {
    kill_software();
    state_->disk->lose_power(faults);
}

void SimMachine::step_wall_clock(std::chrono::milliseconds by) {
    state_->core->step_wall_clock(by);
}

void SimMachine::inject_file_error(std::string operation, std::uint64_t after_calls,
                                   std::string code) {
    state_->disk->injections.push_back({std::move(operation), after_calls, std::move(code)});
}

void SimMachine::fail_disk(std::string operation, std::uint64_t after_calls, std::string code) {
    state_->disk->injections.push_back({std::move(operation), after_calls, std::move(code), true});
}

void SimMachine::fill_disk(std::uint64_t bytes_left) { state_->disk->room = bytes_left; }

void SimMachine::heal_disk() {
    state_->disk->injections.clear();
    state_->disk->room.reset();
}

std::uint64_t SimMachine::file_calls(std::string_view operation) const {
    const auto found = state_->disk->calls.find(operation);
    return found == state_->disk->calls.end() ? 0 : found->second;
}

const std::vector<std::string>& SimMachine::written_after_failure() const {
    return state_->disk->written_after_failure;
}

void SimMachine::drop_connections() { state_->wires->drop_some(*state_->core); }

void SimMachine::set_offload_delay_max(Duration most) {
    state_->inside_executor.set_offload_delay_max(most);
}

void SimMachine::set_has_spare_core(bool has) { state_->inside_executor.set_has_spare_core(has); }

void SimMachine::register_script(std::string key, Script script) {
    for (const auto& table : state_->processes) {
        table->scripts.push_back({key, std::make_shared<Script>(script)});
    }
}

void SimMachine::crash_processes() {
    const bool by_itself = state_->core->schedule.one_in(2);
    const auto status =
        by_itself ? machine::ExitStatus{.code = 1} : machine::ExitStatus{.signal = 11};
    state_->processes[0]->end_all(status, false);
}

std::uint64_t SimMachine::random(std::uint64_t below) {
    return state_->core->workload.below(below);
}
std::uint64_t SimMachine::trace_hash() const { return state_->core->hash(); }

}  // namespace mill::sim
