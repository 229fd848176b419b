// SPDX-License-Identifier: Apache-2.0
#include "sim/world/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "sim/world/nemesis.h"
#include "sim/world/workload.h"

namespace mill::sim {
namespace {

constexpr std::uint64_t strikes_max = 5;

Task<void> run_and_note(Task<Result<void>> task, std::optional<Result<void>>* result) {
    result->emplace(co_await std::move(task));
}

class Run {
  public:
    explicit Run(Scenario scenario)
        : scenario_(std::move(scenario)),
          world_(scenario_.seed, scenario_.log),
          nemeses_(world_, scenario_.nemeses) {
        for (const WorkloadKind& kind : workload_kinds()) {
            if (kind.name == scenario_.workload) workload_ = kind.make(world_);
        }
        MILL_ASSERT(workload_);
    }

    Report result() {
        play();
        report_.schedule = nemeses_.schedule();
        report_.trace_hash = world_.machine().trace_hash();
        report_.command =
            fmt::format("./mill sim {} --workload {}", scenario_.seed, scenario_.workload);
        for (const std::string& kind : scenario_.nemeses) report_.command += " --nemesis " + kind;
        world_.crash();  // its functions use the workload
        return std::move(report_);
    }

  private:
    SimMachine& sim() { return world_.machine(); }

    bool noted(const std::string& what, const Result<void>& result) {
        if (result) return true;
        report_.violations.push_back(
            fmt::format("{}: {}: {}", what, result.error().code, result.error().message));
        return false;
    }
    bool noted(const std::string& what, Task<Result<void>> task) {
        std::optional<Result<void>> result;
        Scope scope;
        scope.spawn(run_and_note(std::move(task), &result));
        wait([&result] { return result.has_value(); });
        if (!result) result.emplace(fail("sim.timeout", "no end in sight"));
        return noted(what, *result);
    }

    // As long as the workload's patience lasts.
    bool wait(const std::function<bool()>& done) {
        constexpr int looks = 1800;
        for (int n = 0; n < looks && !done(); ++n) sim().run_for(workload_->patience() / looks);
        return done();
    }

    void play() {
        if (!noted("starting", world_.start()) || !noted("setting up", workload_->set_up())) return;
        workload_->start();
        const auto pause_ms = std::chrono::floor<std::chrono::milliseconds>(workload_->pause_max());
        for (std::uint64_t left = sim().random(strikes_max + 1); left > 0; --left) {
            sim().run_for(std::chrono::milliseconds(
                sim().random(static_cast<std::uint64_t>(pause_ms.count()))));
            nemeses_.strike();
            if (!nemeses_.violations().empty()) break;
        }
        nemeses_.calm();
        report_.violations = nemeses_.violations();
        if (world_.is_running()) settle();
    }

    void settle() {
        if (!wait([this] { return workload_->is_done(); }))
            report_.violations.push_back("the workload comes to no end");
        noted("at the end", workload_->finish());
        for (std::string& violation : workload_->violations())
            report_.violations.push_back(std::move(violation));
    }

    Scenario scenario_;
    World world_;
    Nemeses nemeses_;
    std::unique_ptr<Workload> workload_;
    Report report_;
};

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

Report simulate(Scenario scenario) { return Run(std::move(scenario)).result(); }

std::vector<Seed> seeds(std::uint64_t count) {
    std::vector<Seed> all(number_of("MILL_SIM_SEEDS", count));
    std::iota(all.begin(), all.end(), number_of("MILL_SIM_FROM", 1));
    return all;
}

std::string text_of(const Report& report) {
    std::string text;
    for (const std::string& violation : report.violations)
        text += "  violation: " + violation + "\n";
    for (const std::string& strike : report.schedule) text += "  " + strike + "\n";
    return text + "  again: " + report.command + "\n";
}

}  // namespace mill::sim
