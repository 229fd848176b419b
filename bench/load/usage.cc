// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <time.h>

#include <fstream>

#include "bench/load/runner.h"

namespace mill::bench {
namespace {

double seconds_of(clockid_t clock) {
    timespec t{};
    if (::clock_gettime(clock, &t) != 0) give_up("the server process is gone");
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

}  // namespace

Usage usage_of(int pid) {
    Usage usage;
    if (pid == 0) return usage;
    clockid_t clock;
    if (::clock_getcpuclockid(pid, &clock) != 0) give_up(fmt::format("no process {}", pid));
    usage.cpu_seconds = seconds_of(clock);
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    std::string name;
    while (status >> name) {
        double kib = 0;
        if (name == "VmRSS:" && status >> kib) usage.resident_mib = kib / 1024;
        if (name == "VmHWM:" && status >> kib) usage.resident_peak_mib = kib / 1024;
        if (name == "RssAnon:" && status >> kib) usage.private_mib = kib / 1024;
        status.ignore(1 << 16, '\n');
    }
    return usage;
}

double own_cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace mill::bench
