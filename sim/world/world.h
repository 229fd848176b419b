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

class World {
  public:
    // `log` is the server's, for the one who looks for the cause of a failure.
    explicit World(Seed seed, Log log = {});
    ~World();

    SimMachine& machine() { return machine_; }
    // Opens what the disk holds and serves. Not while it runs.
    Result<void> start();
    bool is_running() const { return mill_ != nullptr; }
    void crash();  // the process dies: what was written stays, synced or not
    void power_loss(DiskFaults faults = {});  // what was not synced may go
    Client& client() { return client_; }

  private:
    SimMachine machine_;
    Client client_;
    std::unique_ptr<app::Mill> mill_;
};

}  // namespace mill::sim
