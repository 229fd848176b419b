// SPDX-License-Identifier: Apache-2.0
// How a function is walled off: as arguments of bubblewrap, as far as the host allows. Pure text;
// nothing runs here.
//
// A sandbox shows the host's programs and libraries (/usr and what belongs to it, the few files of
// /etc that resolving names and TLS need) read-only, the mounts of the request, a /tmp of its own,
// and nothing else. It has its own processes, no capabilities, no way to gain privileges, and an
// unprivileged user. It shares the host's network.
#pragma once

#include <string>
#include <vector>

#include "machine/processes.h"

namespace mill::posix {

enum class SandboxLevel {
    full,               // user, pid, ipc, uts, cgroup and mount namespaces
    host_proc,          // the same, but /proc is the host's: inside containers that mask /proc
    no_user_namespace,  // root keeps its user id, without capabilities
    none,
};
std::string describe(SandboxLevel level);

// `bwrap ARGUMENTS -- `: what comes before the command to run.
std::vector<std::string> bubblewrap_command(const std::string& bwrap, SandboxLevel level,
                                            const machine::SpawnRequest& request);

// Without bubblewrap there are no mounts: every argument, the directory and every environment value
// (also each part of a list with colons) that names a path inside a mount is rewritten to the path
// on the host, "/var/task/x" to
// "<code directory>/x".
machine::SpawnRequest without_mounts(machine::SpawnRequest request);

// Where a path inside the sandbox lies on the host.
std::string host_path(const machine::Sandbox& sandbox, const std::string& inside);

}  // namespace mill::posix
