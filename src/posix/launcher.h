// SPDX-License-Identifier: Apache-2.0
// Starts programs under sandbox_init, inside bubblewrap where the host allows it: finds out once
// how far it does, then turns a SpawnRequest into a running process and its descriptors. Blocks
// only for the first look. Inside posix/ only.
#pragma once

#include <chrono>
#include <optional>

#include "base/log.h"
#include "posix/child.h"
#include "posix/posix_machine.h"
#include "posix/sandbox.h"

namespace mill::posix {

constexpr std::chrono::seconds sandbox_patience(10);  // for each way of trying it

struct Launched {
    pid_t pid = 0;  // of bubblewrap, or of sandbox_init where there is none
    int depth = 0;  // generations between `pid` and the function's own process
    Descriptor pidfd;
    Descriptor output;  // read end, non-blocking
    Descriptor report;  // read end; sandbox_init writes how the program ended
};

// What sandbox_init reports.
struct Report {
    std::int64_t wait_status = 0;
    std::int64_t peak_memory_bytes = 0;
};

class Launcher {
  public:
    Launcher(SandboxMode mode, Log log);
    // Starts the first try, once: level() then waits for what is left of it.
    void begin();
    // Of the first try while it is under way: readable when it has ended, also if level() has been
    // called meanwhile. None: there is nothing to wait for.
    Descriptor first_try() const;
    // Looks for bubblewrap and tries it, once. "process.sandbox" when it is required and cannot be
    // had.
    Result<SandboxLevel> level();
    Result<Launched> launch(const machine::SpawnRequest& request);

  private:
    SandboxLevel probe();
    bool works(SandboxLevel level);
    Result<Launched> try_at(SandboxLevel level);
    Result<Launched> launch_at(SandboxLevel level, const machine::SpawnRequest& request);

    SandboxMode mode_;
    Log log_;
    std::string bwrap_;
    std::string obstacle_;  // why bubblewrap does not work
    std::optional<SandboxLevel> level_;
    std::optional<Launched> begun_;  // the first try, under way
    Descriptor init_;                // sandbox_init's memfd
};

}  // namespace mill::posix
