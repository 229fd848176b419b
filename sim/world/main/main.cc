// SPDX-License-Identifier: Apache-2.0
// mill_simulate: runs seeds of workloads and says how each ended. Exit status: 0 if all promises
// held, 1 if one did not, 2 for a wrong command line.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include "sim/world/main/jobs.h"
#include "sim/world/nemesis.h"
#include "sim/world/simulate.h"
#include "sim/world/workload.h"

namespace {

using namespace mill;

constexpr const char* usage =
    "Usage: ./mill sim SEED [--workload W]... [--nemesis N]... [--log]\n"
    "       ./mill sim --from A --to B [--workload W]... [--nemesis N]... [--jobs N] [--brief]\n"
    "       ./mill sim --total N ...   so many seeds in all, from --from (1) on\n"
    "--jobs N: in so many processes. --brief: says nothing of worlds in which all went well.\n";

constexpr std::uint64_t jobs_max = 256;

struct Order {
    sim::Seed from = 0;
    sim::Seed to = 0;
    std::vector<std::string> workloads;
    std::vector<std::string> nemeses;
    std::uint64_t jobs = 1;
    bool log = false;
    bool brief = false;
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

struct Numbers {
    std::optional<std::uint64_t> from, to, total, jobs;
};

// False: it makes no sense.
bool read_option(std::string_view word, std::string_view value, Order& order, Numbers& numbers) {
    if (word == "--workload" || word == "--nemesis") {
        (word == "--workload" ? order.workloads : order.nemeses).emplace_back(value);
        return true;
    }
    auto* const place = word == "--from"    ? &numbers.from
                        : word == "--to"    ? &numbers.to
                        : word == "--total" ? &numbers.total
                        : word == "--jobs"  ? &numbers.jobs
                                            : nullptr;
    if (!place) return false;
    *place = number(value);
    return place->has_value();
}

bool read_words(std::span<char* const> arguments, Order& order, Numbers& numbers) {
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view word = arguments[at];
        if (word == "--log") {
            order.log = true;
        } else if (word == "--brief") {
            order.brief = true;
        } else if (!word.starts_with("--")) {
            numbers.from = number(word);
            if (!numbers.from) return false;
        } else if (++at == arguments.size() || !read_option(word, arguments[at], order, numbers)) {
            return false;
        }
    }
    return numbers.from || numbers.total;
}

std::optional<Order> read(std::span<char* const> arguments) {
    Order order;
    Numbers numbers;
    if (!read_words(arguments, order, numbers)) return std::nullopt;
    const auto known = known_workloads();
    const auto nemeses = sim::nemesis_names();
    if (!are_known(order.workloads, known)) return std::nullopt;
    if (!are_known(order.nemeses, {nemeses.begin(), nemeses.end()})) return std::nullopt;
    if (order.workloads.empty()) order.workloads = known;
    order.from = numbers.from.value_or(1);
    order.to = numbers.to.value_or(order.from);
    if (numbers.total) {
        const std::uint64_t each =
            (*numbers.total + order.workloads.size() - 1) / order.workloads.size();
        order.to = order.from + each - 1;
    }
    order.jobs = std::clamp<std::uint64_t>(numbers.jobs.value_or(1), 1, jobs_max);
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
    if (!held || !order.brief)
        fmt::print("{} {} {} {:016x}\n", workload, seed, held ? "held" : "BROKEN",
                   report.trace_hash);
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
    std::vector<sim::Job> jobs;
    for (sim::Seed seed = order->from; seed <= order->to; ++seed) {
        for (const std::string& workload : order->workloads) jobs.push_back({workload, seed});
    }
    const bool held = sim::run_jobs(jobs, order->jobs, [&order](const sim::Job& job) {
        return run(*order, job.seed, job.workload);
    });
    if (order->brief)
        fmt::print("{} worlds of {}: {}\n", jobs.size(), fmt::join(order->workloads, ", "),
                   held ? "all promises held" : "a promise broke");
    return held ? 0 : 1;
}
