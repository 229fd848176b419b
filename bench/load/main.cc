// SPDX-License-Identifier: Apache-2.0
// The load generator: see --help. One thread, so it uses one core at most.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "bench/load/runner.h"

namespace mill::bench {
namespace {

double micros(std::uint64_t ns) { return static_cast<double>(ns) / 1000; }

std::string quantiles(const Histogram& h) {
    return fmt::format(
        R"({{"count":{},"p50":{:.1f},"p90":{:.1f},"p99":{:.1f},"p99_9":{:.1f},"max":{:.1f},"mean":{:.1f}}})",
        h.count(), micros(h.at(0.5)), micros(h.at(0.9)), micros(h.at(0.99)), micros(h.at(0.999)),
        micros(h.max()), h.mean() / 1000);
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + "\"";
}

void print(const Options& options, const Workload& workload, const Outcome& o) {
    const double seconds = std::max(o.seconds, 1e-9);
    const double cpu = o.after.cpu_seconds - o.before.cpu_seconds;
    const auto requests = static_cast<double>(o.requests);
    std::string out = fmt::format(
        R"({{"workload":{},"connections":{},"signed":{},"seconds":{:.3f},"requests":{},"errors":{},"reconnects":{},)",
        quoted(options.workload), options.connections, options.sign, o.seconds, o.requests,
        o.errors, o.reconnects);
    out += fmt::format(R"("rate":{:.1f},"records_per_s":{:.1f},"mb_per_s":{:.2f},"latency_us":{},)",
                       requests / seconds, static_cast<double>(o.records) / seconds,
                       requests * static_cast<double>(workload.payload_bytes()) / seconds / 1e6,
                       quantiles(o.latency));
    out += fmt::format(R"("delivery_us":{},"expected":{},"delivered":{},"delivered_per_s":{:.1f},)",
                       quantiles(o.findings.delivery), o.findings.expected, o.findings.delivered,
                       o.findings.records_per_second);
    out += fmt::format(
        R"("server":{{"cpu_s":{:.4f},"cpu_us_per_request":{:.2f},"cores":{:.3f},"rss_mib":{:.1f},"rss_peak_mib":{:.1f},"private_mib":{:.1f}}},)",
        cpu, requests > 0 ? cpu * 1e6 / requests : 0, cpu / seconds, o.after.resident_mib,
        o.after.resident_peak_mib, o.after.private_mib);
    out += fmt::format(R"("load":{{"cores":{:.3f}}},"first_error":{}}})",
                       o.load_cpu_seconds / seconds, quoted(o.first_error));
    std::puts(out.c_str());
}

}  // namespace
}  // namespace mill::bench

int main(int count, char** words) {
    using namespace mill::bench;
    Options options = parse_options(count, words);
    const auto workload = make_workload(options);
    const Outcome outcome = run(options, *workload);
    print(options, *workload, outcome);
    return outcome.requests == 0 && outcome.findings.delivered == 0 ? 1 : 0;
}
