// SPDX-License-Identifier: Apache-2.0
// The addresses of a host name, by /etc/hosts and the DNS servers of /etc/resolv.conf. Waits on the
// reactor: a server that does not answer holds no thread. Inside posix/ only.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "posix/reactor.h"

namespace mill::posix {

struct ResolverOptions {
    std::string servers;  // "127.0.0.1:53,[::1]:53"; empty: those of /etc/resolv.conf
    // For the first answer of a server; each time it is asked again, twice as long.
    std::chrono::milliseconds patience{2000};
    int tries = 3;
};

// IP literals, in the order in which to try them; never none. Error "net". Both files are read anew
// each time: a laptop that changes its network is served. May be destroyed while it waits.
Task<Result<std::vector<std::string>>> resolve(Reactor& reactor, machine::Executor& executor,
                                               std::string name, ResolverOptions options = {});

}  // namespace mill::posix
