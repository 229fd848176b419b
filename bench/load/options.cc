// SPDX-License-Identifier: Apache-2.0
#include "bench/load/options.h"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <map>

namespace mill::bench {
namespace {

constexpr double seconds_max = 900;
constexpr int connections_max = 4096;

constexpr const char* usage = R"(Usage: millrace-load WORKLOAD --port PORT [OPTIONS]

Workloads:
  put-record       one record a request
  put-records      --count records a request
  get-records      read a shard from its beginning, again and again, with --limit
  describe         DescribeStreamSummary
  list-shards      ListShards
  invoke           a synchronous Invoke of --function
  put-poll         PutRecord at --rate; the time until a reader that polls GetRecords has the record
  put-consume      PutRecord at --rate; the time until the consumer function has the record
  deliver          wait for --records of the stream to reach the consumer function; records a second

Options:
  --connections N  --size BYTES  --count N  --limit N  --rate PER_SECOND (default: closed loop)
  --seconds S  --warmup S  --requests N (stop after N answers)  --records N  --poll-pause-ms MS
  --stream NAME  --report-stream NAME  --function NAME  --create-shards N
  --sign (for real)  --fixed (the server answers all alike: nginx, reference)  --pid PID

The address is always 127.0.0.1. The result is one line of JSON on stdout.
)";

double number(const std::string& name, const char* text) {
    char* end = nullptr;
    const double value = std::strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0)) {
        give_up(fmt::format("{} must be a number, not '{}'", name, text));
    }
    return value;
}

void check(const Options& options) {
    if (options.port == 0) give_up("--port is missing");
    if (options.seconds > seconds_max) give_up(fmt::format("--seconds: {} at most", seconds_max));
    if (options.connections < 1 || options.connections > connections_max) {
        give_up(fmt::format("--connections must be 1 to {}", connections_max));
    }
    if (options.count < 1 || options.count > 500) give_up("--count must be 1 to 500");
}

}  // namespace

void give_up(const std::string& why) {
    fmt::print(stderr, "millrace-load: {}\n", why);
    std::exit(1);
}

Options parse_options(int count, char** words) {
    if (count < 2 || std::string(words[1]) == "--help") {
        fmt::print("{}", usage);
        std::exit(count < 2 ? 2 : 0);
    }
    Options o{.workload = words[1]};
    std::string name;
    const auto to = [&name](auto& member) {
        return [&](const char* text) {
            member = static_cast<std::remove_reference_t<decltype(member)>>(number(name, text));
        };
    };
    const auto text = [](std::string& member) { return [&](const char* t) { member = t; }; };
    const std::map<std::string, std::function<void(const char*)>> valued = {
        {"--port", to(o.port)},
        {"--pid", to(o.pid)},
        {"--connections", to(o.connections)},
        {"--size", to(o.size)},
        {"--count", to(o.count)},
        {"--limit", to(o.limit)},
        {"--rate", to(o.rate)},
        {"--seconds", to(o.seconds)},
        {"--warmup", to(o.warmup_seconds)},
        {"--requests", to(o.requests)},
        {"--records", to(o.records)},
        {"--poll-pause-ms", to(o.poll_pause_ms)},
        {"--create-shards", to(o.create_shards)},
        {"--stream", text(o.stream)},
        {"--report-stream", text(o.report_stream)},
        {"--function", text(o.function)},
    };
    const std::map<std::string, bool*> flags = {{"--sign", &o.sign}, {"--fixed", &o.fixed}};
    for (int i = 2; i < count; ++i) {
        name = words[i];
        if (const auto flag = flags.find(name); flag != flags.end()) {
            *flag->second = true;
            continue;
        }
        const auto option = valued.find(name);
        if (option == valued.end()) give_up("no option '" + name + "'; see --help");
        if (++i == count) give_up(name + " needs a value");
        option->second(words[i]);
    }
    check(o);
    return o;
}

}  // namespace mill::bench
