// SPDX-License-Identifier: Apache-2.0
// Processes: functions run as separate processes, as isolated as the host allows. The real machine
// wraps them in bubblewrap; the simulated one runs in-process scripts that speak the same Runtime
// API.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "machine/task.h"

namespace mill::machine {

// How the process sees the file system. The host's programs and libraries are visible read-only;
// home directories, the data directory and other functions' files are not.
struct Sandbox {
    struct Mount {
        std::string from;  // on the host
        std::string to;    // inside
        bool writable = false;
    };
    std::vector<Mount> mounts;  // e.g. {code directory, "/var/task"}, {scratch, "/tmp", true}
};

struct SpawnRequest {
    std::vector<std::string> argv;  // argv[0] is a path inside the sandbox
    std::vector<std::pair<std::string, std::string>> environment;
    std::string directory;  // inside the sandbox
    Sandbox sandbox;
    std::uint64_t open_files_max = 1024;
    std::uint64_t processes_max = 1024;
    // stdout and stderr, interleaved as written, on the executor.
    std::function<void(BytesView)> on_output;
};

struct ExitStatus {
    int code = 0;    // when it ended by itself
    int signal = 0;  // when a signal ended it
    std::int64_t peak_memory_bytes = 0;
    bool operator==(const ExitStatus&) const = default;
    std::string text() const;  // "exit status 1", "signal: killed", as the Lambda service words it
};

class Process {
  public:
    virtual ~Process() = default;           // kills it and everything it started
    virtual Task<ExitStatus> exited() = 0;  // any number of callers
    virtual void kill() = 0;                // SIGKILL for all of it
    // Hands what is written so far to on_output, before returning.
    virtual void drain_output() = 0;
    virtual std::int64_t memory_bytes() const = 0;  // highest resident size seen, 0 if unknown
};

// An interpreter found on the host.
struct Program {
    std::string path;
    std::string version;  // "3.11.2"
};

class Processes {
  public:
    virtual ~Processes() = default;
    // "process.spawn" with the reason, e.g. when argv[0] is missing or not executable.
    virtual Result<std::unique_ptr<Process>> spawn(SpawnRequest request) = 0;
    // The newest interpreter of that name on the host ("python3"), preferring `version` ("3.13");
    // "process.no_program"; "process.timeout" if one of that name did not tell its version, which
    // it may the next time.
    virtual Task<Result<Program>> find_interpreter(std::string name, std::string version) = 0;
    // The layers in force, for `millrace status`: "bubblewrap: user, pid, mount namespaces" or
    // "none: ...".
    virtual std::string isolation() const = 0;
};

}  // namespace mill::machine
