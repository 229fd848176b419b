// SPDX-License-Identifier: Apache-2.0
// The pretend machine: one thread, an order of jobs picked by the seed, time that jumps to the next
// timer, files that forget what was not synced, connections in memory, functions as in-process
// scripts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "machine/machine.h"

namespace mill::sim {

using Seed = std::uint64_t;

// What a function's process does. Runs the way a real one does: it connects to
// AWS_LAMBDA_RUNTIME_API by `network` and speaks the Runtime API; `print` is its stdout. Returning
// ends the process with that status.
struct ScriptContext {
    Machine& machine;
    std::string runtime_api;  // "host:port"
    std::vector<std::pair<std::string, std::string>> environment;
    std::function<void(std::string_view)> print;
};
using Script = std::function<Task<machine::ExitStatus>(ScriptContext)>;

struct DiskFaults {
    bool tear_writes = true;         // at power loss unsynced writes survive in part, in any subset
    std::uint32_t tear_bytes = 512;  // in steps of a sector, or of a page of 4096
    bool lose_directory_entries = true;
};

class SimMachine {
  public:
    explicit SimMachine(Seed seed);
    ~SimMachine();
    Machine& machine();
    // The rest of the world: same time, network and disk, but its jobs, timers, listeners and ends
    // of connections survive kill_software(). Clients and workloads live here.
    Machine& outside();

    // Runs ready jobs and timers, one at a time, until nothing is left to do, or until `done` says
    // so. False if it ran dry or hit the bound of steps before `done`.
    bool run_until(const std::function<bool()>& done, std::uint64_t steps_max = 10'000'000);
    bool run_task(
        Task<void> task);  // until the task is done; false as for run_until, and the task is gone
    template <class T>
    T await(Task<T> task);            // the task's value; asserts that it finishes
    void run_for(Duration duration);  // lets simulated time pass

    // Drops every job, timer, listener, connection and process of machine(): what was running is
    // gone. Nothing is resumed; coroutines stay suspended until their owner is destroyed. Files
    // opened before fail from now on, their locks are free, what was written stays. Call before
    // destroying the server; machine() stays good for the next one.
    void kill_software();
    // As kill_software, and the disk keeps only what was synced (plus a random part of what was
    // not).
    void power_loss(DiskFaults faults = {});
    void step_wall_clock(std::chrono::milliseconds by);
    // Fails the call of that operation that comes after `after_calls` more, once: "open", "read",
    // "write", "sync", "size", "truncate", "remove", "rename", "make_directories",
    // "sync_directory", "list", "set_mode" or "lock"; codes as in machine/files.h. A failing write
    // may have written a part; after a failing sync nobody knows what is durable.
    void inject_file_error(std::string operation, std::uint64_t after_calls, std::string code);
    // As above, but every call from then on fails, until heal_disk().
    void fail_disk(std::string operation, std::uint64_t after_calls, std::string code);
    // Only so many more bytes fit: files grow, and are made, until "io.no_space".
    void fill_disk(std::uint64_t bytes_left);
    // Ends all of the above failures.
    void heal_disk();
    // How many calls of that operation there have been.
    std::uint64_t file_calls(std::string_view operation) const;
    // Paths of files that were written after a write or sync of them had failed, by the same
    // software: nobody knows what the disk holds of these.
    const std::vector<std::string>& written_after_failure() const;
    // Resets connections between the two sides, each with a chance of one in two.
    void drop_connections();
    // How long offloaded work may take from now on (a slow disk); 5 ms at first.
    void set_offload_delay_max(Duration most);
    // What the server is told of its host; it has one at first.
    void set_has_spare_core(bool has);

    // argv[0] (or the mount that becomes /var/task) → script; the first whose key is contained in
    // the spawn request wins.
    void register_script(std::string key, Script script);
    // Ends running processes of functions, as a crash of the runtime would.
    void crash_processes();

    std::uint64_t random(std::uint64_t below);  // from the seed's own stream, for workloads
    std::uint64_t trace_hash() const;  // of every job and timer run so far: equal for equal seeds

  private:
    struct State;
    std::unique_ptr<State> state_;
};

template <class T>
T SimMachine::await(Task<T> task) {
    std::optional<T> result;
    struct Runner {
        static Task<void> run(Task<T> t, std::optional<T>* out) {
            out->emplace(co_await std::move(t));
        }
    };
    MILL_ASSERT(run_task(Runner::run(std::move(task), &result)));
    return *std::move(result);
}

}  // namespace mill::sim
