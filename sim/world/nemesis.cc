// SPDX-License-Identifier: Apache-2.0
#include "sim/world/nemesis.h"

#include <fmt/format.h>

#include <array>

namespace mill::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 10> names = {
    "power_loss", "kill",       "restarts",      "slow_disk",    "failing_disk",
    "full_disk",  "clock_step", "runtime_crash", "runtime_hang", "connection_drop"};

constexpr milliseconds down_max{1000};
constexpr milliseconds disk_fault_max{4000};
constexpr milliseconds offload_delay_usual{5};

}  // namespace

std::span<const std::string_view> nemesis_names() { return names; }

Nemeses::Nemeses(World& world, std::vector<std::string> kinds)
    : world_(world), kinds_(std::move(kinds)) {
    if (kinds_.empty()) kinds_.assign(names.begin(), names.end());
}

void Nemeses::note(std::string what) {
    const auto passed = sim().outside().clock.now().time_since_epoch();
    const std::chrono::duration<double> seconds = passed;
    schedule_.push_back(fmt::format("{:.3f} s: {}", seconds.count(), what));
}

void Nemeses::pass(milliseconds most) {
    sim().run_for(milliseconds(random(static_cast<std::uint64_t>(most.count()))));
}

void Nemeses::strike() {
    const std::string& kind = kinds_[random(kinds_.size())];
    if (kind == "power_loss") return lose_power();
    if (kind == "kill") return kill();
    if (kind == "restarts") return restart_often();
    if (kind == "slow_disk") return slow_disk();
    if (kind == "failing_disk") return fail_disk();
    if (kind == "full_disk") return fill_disk();
    if (kind == "clock_step") return step_clock();
    note(kind);
    if (kind == "runtime_crash") {
        sim().crash_processes();
        ++world_.conditions().runtime_crashes;
    }
    if (kind == "runtime_hang") world_.hang_functions(static_cast<int>(1 + random(2)));
    if (kind == "connection_drop") sim().drop_connections();
}

void Nemeses::lose_power() {
    const std::uint32_t tear = random(2) == 0 ? 512 : 4096;
    note(fmt::format("power_loss, torn at {} bytes", tear));
    world_.power_loss({.tear_bytes = tear});
    pass(down_max);
    bring_up();
}

void Nemeses::kill() {
    note("kill");
    world_.crash();
    pass(down_max);
    bring_up();
}

// Dies again soon after its start, or in the middle of it.
void Nemeses::restart_often() {
    constexpr std::array<const char*, 4> steps = {"write", "sync", "rename", "sync_directory"};
    for (std::uint64_t left = 2 + random(4); left > 0; --left) {
        const bool power = random(2) == 0;
        note(power ? "restarts: power_loss" : "restarts: kill");
        power ? world_.power_loss() : world_.crash();
        if (random(3) == 0) {
            const char* step = steps[random(steps.size())];
            sim().inject_file_error(step, random(12), "io");
            disk_is_bad_ = true;
            ++world_.conditions().disk_faults;
            note(fmt::format("restarts: a {} fails once", step));
        }
        bring_up();
        pass(milliseconds(100));
    }
    heal();
}

void Nemeses::slow_disk() {
    const auto most = milliseconds(1 + random(300));
    note(fmt::format("slow_disk: up to {} ms a sync", most.count()));
    sim().set_offload_delay_max(most);
}

void Nemeses::begin_reads_failing() {
    world_.conditions().reads_fail = true;
    ++world_.conditions().read_faults;
}

void Nemeses::fail_disk() {
    constexpr std::array<const char*, 8> operations = {
        "write", "sync", "sync", "open", "read", "rename", "sync_directory", "write"};
    heal();
    const std::string operation = operations[random(operations.size())];
    const bool full = operation == "write" && random(2) == 0;
    const std::uint64_t calls = random(20);
    const bool once = random(3) == 0;
    note(fmt::format("failing_disk: {} fails with {} after {} calls{}", operation,
                     full ? "ENOSPC" : "EIO", calls, once ? ", once" : ""));
    disk_is_bad_ = true;
    ++world_.conditions().disk_faults;
    if (operation == "open" || operation == "read") begin_reads_failing();
    const char* code = full ? "io.no_space" : "io";
    once ? sim().inject_file_error(operation, calls, code)
         : sim().fail_disk(operation, calls, code);
    if (random(2) == 0) return;  // until something else happens
    pass(disk_fault_max);
    heal();
}

void Nemeses::fill_disk() {
    heal();
    const std::uint64_t room = random(3) == 0 ? 0 : random(300'000);
    note(fmt::format("full_disk: {} bytes left", room));
    disk_is_bad_ = true;
    ++world_.conditions().disk_faults;
    sim().fill_disk(room);
    if (random(2) == 0) return;
    pass(disk_fault_max);
    heal();
}

void Nemeses::step_clock() {
    const auto by = std::chrono::seconds(random(600)) - std::chrono::seconds(300);
    note(fmt::format("clock_step: {} s", by.count()));
    ++world_.conditions().clock_steps;
    sim().step_wall_clock(by);
}

void Nemeses::heal() {
    if (!std::exchange(disk_is_bad_, false)) return;
    note("the disk is well again");
    sim().heal_disk();
    world_.conditions().reads_fail = false;
}

void Nemeses::bring_up() {
    auto started = world_.start();
    if (!started && disk_is_bad_) {
        note("it refused to start: " + started.error().message);
        heal();
        if (random(2) == 0) world_.power_loss();
        started = world_.start();
    }
    if (!started)
        violations_.push_back("starting: " + started.error().code + ": " + started.error().message);
}

void Nemeses::calm() {
    heal();
    sim().set_offload_delay_max(offload_delay_usual);
    world_.hang_functions(0);
}

}  // namespace mill::sim
