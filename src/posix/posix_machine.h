// SPDX-License-Identifier: Apache-2.0
// The real machine: one thread runs the executor, two more run offloaded work. Owned
// by the program that serves; it outlives everything built on its Machine. The only room that
// touches the operating system. Destroying it drops jobs that are still queued and kills the
// processes it started.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.h"

namespace mill::posix {

enum class SandboxMode { automatic, required, off };

class FileWatch;

struct MachineOptions {
    SandboxMode sandbox = SandboxMode::automatic;
    LogLevel log_level = LogLevel::warning;  // to stderr
    std::string python;      // interpreter to prefer, empty: search PATH and the usual places
    bool sync_files = true;  // false: what is written need not outlive the process
};

class PosixMachine {
  public:
    explicit PosixMachine(MachineOptions options = {});
    ~PosixMachine();
    PosixMachine(const PosixMachine&) = delete;
    PosixMachine& operator=(const PosixMachine&) = delete;

    Machine& machine();
    // Runs the executor until stop(). One thread, the caller's.
    void run();
    void stop();
    // Runs until the task is done.
    void run_until_done(Task<void> task);
    // Calls `handler` on the executor for SIGTERM and SIGINT.
    void on_terminate(std::function<void()> handler);
    // With one line feed at its end. Blocks as long as nobody reads, though not against SIGTERM and
    // SIGINT if on_terminate() waits for them; what nobody will read is dropped.
    void write_line(int descriptor, std::string_view text);
    // Wakes `changed` for changes of these files and of all below these directories.
    Result<std::unique_ptr<FileWatch>> watch_files(const std::vector<std::string>& paths,
                                                   machine::Signal& changed);
    // Starts to try the sandbox, beside what the caller does until check_sandbox.
    void begin_sandbox_check();
    // Runs the executor until that try has ended, if one is under way.
    void run_until_sandbox_is_tried();
    // Tries the sandbox once, now instead of at the first spawn. "process.sandbox" names the remedy
    // when SandboxMode::required cannot be had.
    Result<void> check_sandbox();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace mill::posix
