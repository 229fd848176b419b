// SPDX-License-Identifier: Apache-2.0
// Scripts as processes of the simulated machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/machine/sim_machine.h"

namespace mill::sim {
namespace {

using namespace std::chrono_literals;
using machine::ExitStatus;
using machine::Process;
using machine::SpawnRequest;

Task<ExitStatus> greet(ScriptContext context) {
    context.print("hello ");
    co_await machine::yield(context.machine.executor);
    context.print(context.runtime_api);
    co_return ExitStatus{.code = 3};
}
struct Guard {
    bool* gone;
    explicit Guard(bool* flag) : gone(flag) {}
    ~Guard() { *gone = true; }
};
Task<ExitStatus> hang(ScriptContext context, bool* gone) {
    const Guard guard(gone);
    context.print("started");
    co_await machine::sleep_until(context.machine.timers, context.machine.clock.now() + 24h);
    co_return ExitStatus{};
}

class Processes : public ::testing::Test {
  protected:
    Processes() {
        sim.register_script("greeter", greet);
        sim.register_script(
            "hanger", [this](ScriptContext context) { return hang(std::move(context), &gone); });
    }
    std::unique_ptr<Process> spawn(SpawnRequest request) {
        request.environment.emplace_back("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001");
        request.on_output = [this](BytesView bytes) { output += bytes; };
        auto process = sim.machine().processes.spawn(std::move(request));
        EXPECT_TRUE(process);
        return *std::move(process);
    }
    std::string output;
    bool gone = false;
    SimMachine sim{7};
};

TEST_F(Processes, RunTheirScriptToItsEnd) {
    auto process = spawn({.argv = {"/var/task/greeter"}});
    const ExitStatus status = sim.await(process->exited());
    EXPECT_EQ(status.code, 3);
    process->drain_output();
    EXPECT_EQ(output, "hello 127.0.0.1:9001");
    EXPECT_EQ(sim.await(process->exited()).code, 3);  // any number of callers, also later
}

TEST_F(Processes, AreFoundByMountOrEnvironment) {
    auto by_mount = spawn({.argv = {"/var/runtime/bootstrap"},
                           .sandbox = {.mounts = {{"/data/greeter", "/var/task"}}}});
    EXPECT_EQ(sim.await(by_mount->exited()).code, 3);
    auto by_environment =
        spawn({.argv = {"x"}, .environment = {{"AWS_LAMBDA_FUNCTION_NAME", "my-greeter"}}});
    EXPECT_EQ(sim.await(by_environment->exited()).code, 3);
    EXPECT_EQ(sim.machine().processes.spawn({.argv = {"unknown"}}).error().code, "process.spawn");
}

Task<void> note_exit(Process& process, std::string* text) {
    *text = (co_await process.exited()).text();
}

TEST_F(Processes, AreKilled) {
    auto process = spawn({.argv = {"hanger"}});
    std::string exit;
    Scope scope;
    scope.spawn(note_exit(*process, &exit));
    sim.run_for(1s);
    EXPECT_EQ(output, "started");
    EXPECT_FALSE(gone);
    process->kill();
    EXPECT_TRUE(gone);
    process->kill();
    sim.run_for(1s);
    EXPECT_EQ(exit, "signal: killed");
}

TEST_F(Processes, DieWithTheirHandleAndItsWaitersLearnOfIt) {
    auto process = spawn({.argv = {"hanger"}});
    std::string exit;
    Scope scope;
    scope.spawn(note_exit(*process, &exit));
    sim.run_for(1s);
    process.reset();
    EXPECT_TRUE(gone);
    sim.run_for(1s);
    EXPECT_EQ(exit, "signal: killed");
}

TEST_F(Processes, KilledBeforeTheyStartNeverRun) {
    auto process = spawn({.argv = {"hanger"}});
    process->kill();
    sim.run_for(1s);
    EXPECT_EQ(output, "");
    EXPECT_EQ(sim.await(process->exited()).signal, 9);
}

TEST_F(Processes, CrashOnDemand) {
    auto process = spawn({.argv = {"hanger"}});
    sim.run_for(1s);
    sim.crash_processes();
    EXPECT_TRUE(gone);
    const ExitStatus status = sim.await(process->exited());
    EXPECT_TRUE(status.signal == 11 || status.code == 1);
}

TEST_F(Processes, GoWithTheSoftwareWithoutAWord) {
    auto process = spawn({.argv = {"hanger"}});
    std::string exit;
    Scope scope;
    scope.spawn(note_exit(*process, &exit));
    sim.run_for(1s);
    sim.kill_software();
    EXPECT_TRUE(gone);
    sim.run_for(1s);
    EXPECT_EQ(exit, "");
    scope.clear();
    process.reset();
}

TEST_F(Processes, InterpretersArePython) {
    machine::Processes& processes = sim.machine().processes;
    EXPECT_EQ(sim.await(processes.find_interpreter("python3", "3.13"))->path, "/usr/bin/python3");
    EXPECT_EQ(sim.await(processes.find_interpreter("node", "20")).error().code,
              "process.no_program");
}

TEST_F(Processes, MayOutliveTheMachine) {
    auto other = std::make_unique<SimMachine>(1);
    bool ended = false;
    other->register_script("hanger",
                           [&](ScriptContext context) { return hang(std::move(context), &ended); });
    auto process = *other->machine().processes.spawn({.argv = {"hanger"}});
    other->run_for(1s);
    other.reset();
    EXPECT_TRUE(ended);
    process->kill();
}

}  // namespace
}  // namespace mill::sim
