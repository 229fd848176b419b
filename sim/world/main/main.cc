// SPDX-License-Identifier: Apache-2.0
// mill_simulate: runs seeds of workloads and says how each ended. Exit status: 0 if all promises
// held, 1 if one did not, 2 for a wrong command line.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include "sim/world/nemesis.h"
#include "sim/world/simulate.h"
#include "sim/world/workload.h"

namespace {

using namespace mill;

constexpr const char* usage =
    "Usage: ./mill sim SEED [--workload W]... [--nemesis N]... [--log]\n"
    "       ./mill sim --from A --to B [--workload W]... [--nemesis N]...\n";

struct Order {
    sim::Seed from = 0;
    sim::Seed to = 0;
    std::vector<std::string> workloads;
    std::vector<std::string> nemeses;
    bool log = false;
};

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::vector<std::string> known_workloads() {
    std::vector<std::string> names;
    for (const sim::WorkloadKind& kind : sim::workload_kinds()) names.emplace_back(kind.name);
    return names;
}

bool are_known(const std::vector<std::string>& names, const std::vector<std::string>& known) {
    return std::ranges::all_of(
        names, [&](const auto& name) { return std::ranges::find(known, name) != known.end(); });
}

std::optional<Order> read(std::span<char* const> arguments) {
    Order order;
    std::optional<sim::Seed> from;
    std::optional<sim::Seed> to;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view word = arguments[at];
        if (word == "--log") {
            order.log = true;
            continue;
        }
        if (!word.starts_with("--")) {
            from = number(word);
            if (!from) return std::nullopt;
            continue;
        }
        if (++at == arguments.size()) return std::nullopt;
        const std::string_view value = arguments[at];
        if (word == "--from") from = number(value);
        if (word == "--to") to = number(value);
        if (word == "--workload") order.workloads.emplace_back(value);
        if (word == "--nemesis") order.nemeses.emplace_back(value);
        const bool is_count = word == "--from" || word == "--to";
        if (is_count ? !number(value) : word != "--workload" && word != "--nemesis")
            return std::nullopt;
    }
    if (!from) return std::nullopt;
    order.from = *from;
    order.to = to.value_or(*from);
    const auto known = known_workloads();
    const auto nemeses = sim::nemesis_names();
    if (!are_known(order.workloads, known)) return std::nullopt;
    if (!are_known(order.nemeses, {nemeses.begin(), nemeses.end()})) return std::nullopt;
    if (order.workloads.empty()) order.workloads = known;
    return order;
}

// One line, and the story if a promise broke.
bool run(const Order& order, sim::Seed seed, const std::string& workload) {
    sim::Scenario scenario{.seed = seed, .workload = workload, .nemeses = order.nemeses};
    if (order.log) {
        scenario.log = Log(LogLevel::debug, [](LogLevel, const std::string& line) {
            fmt::print(stderr, "{}\n", line);
        });
    }
    const sim::Report report = sim::simulate(std::move(scenario));
    const bool held = report.violations.empty();
    fmt::print("{} {} {} {:016x}\n", workload, seed, held ? "held" : "BROKEN", report.trace_hash);
    if (!held) fmt::print("{}", text_of(report));
    std::fflush(stdout);
    return held;
}

}  // namespace

int main(int count, char** words) {
    const auto order = read(std::span(words, static_cast<std::size_t>(count)).subspan(1));
    if (!order) {
        fmt::print(stderr, "{}Workloads: {}\nNemeses: {}\n", usage,
                   fmt::join(known_workloads(), " "), fmt::join(sim::nemesis_names(), " "));
        return 2;
    }
    bool held = true;
    for (sim::Seed seed = order->from; seed <= order->to; ++seed) {
        for (const std::string& workload : order->workloads) held &= run(*order, seed, workload);
    }
    return held ? 0 : 1;
}
