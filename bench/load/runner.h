// SPDX-License-Identifier: Apache-2.0
// Drives the connections: one thread, epoll. In the closed loop each connection sends again once it
// is answered. In the open loop requests fall due at a fixed rate; one that finds all connections
// busy waits, and its latency counts from when it was due, so that a slow server cannot hide.
#pragma once

#include <cstdint>
#include <string>

#include "bench/load/histogram.h"
#include "bench/load/options.h"
#include "bench/load/workload.h"

namespace mill::bench {

struct Usage {
    double cpu_seconds = 0;
    double resident_mib = 0;
    double resident_peak_mib = 0;
    double private_mib = 0;  // anonymous memory alone
};
// Of a running process (all of its threads); zeros if `pid` is 0.
Usage usage_of(int pid);
double own_cpu_seconds();

struct Outcome {
    double seconds = 0;  // measured, without the warm-up
    std::uint64_t requests = 0;
    std::uint64_t records = 0;
    std::uint64_t errors = 0;
    std::uint64_t reconnects = 0;
    std::string first_error;
    Histogram latency;
    Usage before;
    Usage after;
    double load_cpu_seconds = 0;
    Findings findings;
};

Outcome run(const Options& options, Workload& workload);

}  // namespace mill::bench
