// SPDX-License-Identifier: Apache-2.0
// Child processes, plainly: start one with given descriptors; run a short command and take what it
// prints. Inside posix/ only.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "posix/files.h"

namespace mill::posix {

struct ChildRequest {
    std::vector<std::string> argv;         // argv[0] is searched on PATH if it has no '/'
    std::vector<std::string> environment;  // "NAME=value"
    std::string directory;                 // empty: this one
    int output = -1;                       // becomes stdout; stdin is empty
    int errors = -1;                       // becomes stderr; -1: `output` does
    std::vector<int> pass;    // become descriptors 3, 4, ...; no other is open in the child
    bool own_session = true;  // false: a Ctrl-C at the terminal reaches it as well
};
// With default signals. "process.spawn" with the reason.
Result<pid_t> start_child(const ChildRequest& request);

struct Pipe {
    Descriptor read, write;
};
Result<Pipe> make_pipe();

// Readable when the process has ended.
Result<Descriptor> open_pidfd(pid_t pid);

struct Captured {
    int exit_code = 0;  // 128 + signal if a signal ended it
    std::string output;
};
// Blocks, at most `patience`; the command is killed then. It gets the server's own environment.
Result<Captured> capture(const std::vector<std::string>& argv, std::chrono::milliseconds patience);

// True if it ended in time; then it is reaped into `wait_status`. Otherwise it is killed and
// reaped.
bool reap_within(pid_t pid, std::chrono::milliseconds patience, int& wait_status);

}  // namespace mill::posix
