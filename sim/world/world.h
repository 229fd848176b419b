// SPDX-License-Identifier: Apache-2.0
// World: the whole server on a pretend machine, with the real segment engine and SQLite on pretend
// files. It crashes, loses power and starts again; clients live outside and see it happen. Time
// moves only when told.
#pragma once

#include <memory>

#include "app/mill.h"
#include "sim/machine/sim_machine.h"
#include "sim/world/client.h"

namespace mill::sim {

// What the nemeses have done to the world that workloads must know to judge fairly.
struct Conditions {
    bool reads_fail = false;  // now: the disk refuses reads or opening files
    int read_faults = 0;      // how often that has begun
    int disk_faults = 0;      // how often writing has begun to fail
    int clock_steps = 0;
    int runtime_crashes = 0;
    int starts = 0;
};

class World {
  public:
    // Small, so that a run fills several: rolling, sealing, cleaning and recycling are part of
    // every workload.
    static constexpr std::uint64_t segment_bytes = 128 * 1024;
    static std::string data_directory();
    // What requests to the server itself are signed with.
    static wire::Credentials root_key();

    // `log` is the server's, for the one who looks for the cause of a failure.
    explicit World(Seed seed, Log log = {});
    ~World();

    SimMachine& machine() { return machine_; }
    // Opens what the disk holds and serves. Not while it runs. If it fails nothing runs.
    Result<void> start();
    bool is_running() const { return mill_ != nullptr; }
    void crash();  // the process dies: what was written stays, synced or not
    void power_loss(DiskFaults faults = {});  // what was not synced may go
    Client& client() { return client_; }
    Conditions& conditions() { return conditions_; }
    // The server's table, for workloads that look behind its back; null while it is down.
    storage::Table* table() { return mill_ ? table_ : nullptr; }

    // How long streams are CREATING and the like, from the next start on; usually nobody sees it.
    void set_state_delay(Duration delay) { state_delay_ = delay; }

    // Functions that take part call this before they answer: the next `count` of them never do.
    void hang_functions(int count) { hanging_ = count; }
    bool takes_hang();

  private:
    SimMachine machine_;
    Client client_;
    storage::Table* table_ = nullptr;
    Duration state_delay_{0};
    int hanging_ = 0;
    Conditions conditions_;
    std::unique_ptr<app::Mill> mill_;
};

}  // namespace mill::sim
