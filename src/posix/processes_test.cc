// SPDX-License-Identifier: Apache-2.0
#include "machine/processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "posix/host.h"
#include "posix/interpreters.h"
#include "posix/sandbox.h"
#include "posix/test_support.h"

namespace mill::posix {
namespace {

using namespace std::chrono_literals;
using machine::ExitStatus;
using machine::SpawnRequest;
using testing::HasSubstr;
using testing::Not;

// Every test runs with the sandbox and without.
class Spawning : public testing::TestWithParam<SandboxMode> {
  protected:
    void SetUp() override {
        const auto checked = posix.check_sandbox();
        if (!checked) GTEST_SKIP() << "HOST WITHOUT SANDBOX: " << checked.error().message;
    }
    bool sandboxed() const { return GetParam() == SandboxMode::required; }

    SpawnRequest shell(const std::string& script) {
        SpawnRequest request;
        request.argv = {"/bin/sh", "-c", script};
        request.directory = "/";
        request.on_output = [this](BytesView bytes) { output += bytes; };
        return request;
    }
    ExitStatus run_to_end(SpawnRequest request) {
        auto process = machine.processes.spawn(std::move(request));
        if (!process) {
            ADD_FAILURE() << process.error().message;
            return {};
        }
        return run(posix, (*process)->exited());
    }

    PosixMachine posix{{.sandbox = GetParam(), .log_level = LogLevel::error}};
    Machine& machine = posix.machine();
    std::string output;
};

INSTANTIATE_TEST_SUITE_P(Machine, Spawning,
                         testing::Values(SandboxMode::required, SandboxMode::off),
                         [](const auto& info) {
                             return info.param == SandboxMode::off ? "Plain" : "Sandboxed";
                         });

TEST(SandboxCheck, TheExecutorRunsMeanwhileAndMayNeedItsResult) {
    PosixMachine posix{{.sandbox = SandboxMode::required, .log_level = LogLevel::error}};
    posix.begin_sandbox_check();
    bool has_run = false;
    posix.machine().executor.post([&] {
        has_run = true;
        (void)posix.check_sandbox();
    });
    posix.run_until_sandbox_is_tried();
    const auto checked = posix.check_sandbox();
    if (!checked) GTEST_SKIP() << "HOST WITHOUT SANDBOX: " << checked.error().message;
    EXPECT_TRUE(has_run);
}

TEST_P(Spawning, OutputAndErrorsArriveInterleavedAsWritten) {
    const ExitStatus status = run_to_end(shell("echo one; echo two >&2; printf three"));
    EXPECT_EQ(output, "one\ntwo\nthree");
    EXPECT_EQ(status.text(), "exit status 0");
    EXPECT_GT(status.peak_memory_bytes, 100'000);
    EXPECT_LT(status.peak_memory_bytes, 20'000'000) << "the server's own memory must not count";
}

TEST_P(Spawning, OutputLargerThanThePipeIsWhole) {
    run_to_end(shell("i=0; while [ $i -lt 20000 ]; do echo 0123456789abcdefghi; i=$((i+1)); done"));
    EXPECT_EQ(output.size(), 20000u * 20);
}

TEST_P(Spawning, ExitCodeAndSignalAreToldApart) {
    EXPECT_EQ(run_to_end(shell("exit 137")).text(), "exit status 137");
    EXPECT_EQ(run_to_end(shell("kill -9 $$")).text(), "signal: killed");
    EXPECT_EQ(run_to_end(shell("kill -SEGV $$")).text(), "signal: segmentation fault");
    EXPECT_EQ(run_to_end(shell("kill -ABRT $$")).text(), "signal: aborted");
    EXPECT_EQ(run_to_end(shell("exit 3")).code, 3);
}

Task<void> wait_until(Machine& machine, const bool& condition) {
    const Instant deadline = machine.clock.now() + 10s;
    while (!condition && machine.clock.now() < deadline) {
        co_await machine::sleep_until(machine.timers, machine.clock.now() + 1ms);
    }
}

TEST_P(Spawning, MemoryIsLookedAtAgainRightAfterTheStart) {
    bool grown = false;
    SpawnRequest request =
        shell("x=$(head -c 8000000 /dev/zero | tr '\\0' x); echo grown; sleep 1000");
    request.on_output = [&](BytesView) { grown = true; };
    auto process = machine.processes.spawn(std::move(request));
    ASSERT_TRUE(process);
    EXPECT_LT((*process)->memory_bytes(), 8'000'000);
    posix.run_until_done(wait_until(machine, grown));
    ASSERT_TRUE(grown);
    EXPECT_GT((*process)->memory_bytes(), 8'000'000);
}

TEST_P(Spawning, KillEndsEverythingThatItStarted) {
    bool started = false;
    SpawnRequest request = shell("sleep 1000 & sleep 1000 & echo started; wait");
    request.on_output = [&](BytesView) { started = true; };
    auto process = machine.processes.spawn(std::move(request));
    ASSERT_TRUE(process);
    posix.run_until_done(wait_until(machine, started));
    ASSERT_TRUE(started);
    EXPECT_GT((*process)->memory_bytes(), 100'000);
    (*process)->kill();
    EXPECT_EQ(run(posix, (*process)->exited()).signal, 9);
    EXPECT_EQ(run(posix, (*process)->exited()).signal, 9);  // again, for a later caller
}

TEST_P(Spawning, DestroyedProcessIsGoneAndSaysNothingMore) {
    TemporaryDirectory directory;
    bool started = false;
    SpawnRequest request = shell("echo started; exec sleep 1000");
    request.on_output = [&](BytesView) { started = true; };
    auto process = machine.processes.spawn(std::move(request));
    ASSERT_TRUE(process);
    posix.run_until_done(wait_until(machine, started));
    process->reset();
    started = false;
    posix.run_until_done(machine::sleep_until(machine.timers, machine.clock.now() + 20ms));
    EXPECT_FALSE(started);
}

TEST_P(Spawning, ProcessMayBeDestroyedByItsOwnOutput) {
    std::unique_ptr<machine::Process> process;
    bool gone = false;
    SpawnRequest request = shell("while :; do echo again; done");
    request.on_output = [&](BytesView) {
        process.reset();
        gone = true;
    };
    process = *machine.processes.spawn(std::move(request));
    posix.run_until_done(wait_until(machine, gone));
    EXPECT_TRUE(gone);
}

TEST_P(Spawning, DrainHandsOverWhatIsWritten) {
    TemporaryDirectory directory;
    SpawnRequest request = shell("echo before; : > /tmp/mark; exec sleep 1000");
    if (sandboxed()) request.sandbox.mounts = {{directory.path(), "/tmp", true}};
    if (!sandboxed())
        request.argv[2] = "echo before; : > " + (directory / "mark") + "; exec sleep 1000";
    auto process = machine.processes.spawn(std::move(request));
    ASSERT_TRUE(process);
    const auto deadline =
        std::chrono::steady_clock::now() + 10s;  // the executor stands still meanwhile
    while (!std::filesystem::exists(directory / "mark") &&
           std::chrono::steady_clock::now() < deadline) {
        ::usleep(1000);
    }
    EXPECT_EQ(output, "");
    (*process)->drain_output();
    EXPECT_EQ(output, "before\n");
}

TEST_P(Spawning, EnvironmentIsExactlyTheOneAskedFor) {
    SpawnRequest request;
    request.argv = {"/usr/bin/env"};
    request.directory = "/";
    request.environment = {{"A", "1"}, {"LD_PRELOAD_NOT", "x=y z"}};
    request.on_output = [this](BytesView bytes) { output += bytes; };
    EXPECT_EQ(run_to_end(std::move(request)).code, 0);
    EXPECT_EQ(output, "A=1\nLD_PRELOAD_NOT=x=y z\n");
}

TEST_P(Spawning, LimitsHold) {
    SpawnRequest request = shell("ulimit -n; ulimit -c; umask");
    request.open_files_max = 123;
    run_to_end(std::move(request));
    EXPECT_EQ(output, "123\n0\n0022\n");
}

TEST_P(Spawning, MountsAreSeenUnderTheirPathInside) {
    TemporaryDirectory code;
    std::ofstream(code / "bootstrap")
        << "#!/bin/sh\nread line < \"$LAMBDA_TASK_ROOT/data\"; echo $line; pwd\n";
    std::ofstream(code / "data") << "from the mount\n";
    std::filesystem::permissions(code / "bootstrap", std::filesystem::perms(0755));
    SpawnRequest request;
    request.argv = {"/var/task/bootstrap"};
    request.environment = {{"LAMBDA_TASK_ROOT", "/var/task"}};
    request.directory = "/var/task";
    request.sandbox.mounts = {{code.path(), "/var/task"}};
    request.on_output = [this](BytesView bytes) { output += bytes; };
    EXPECT_EQ(run_to_end(std::move(request)).code, 0);
    EXPECT_EQ(output, "from the mount\n" + (sandboxed() ? "/var/task" : code.path()) + "\n");
}

TEST_P(Spawning, ProgramThatCannotRunIsRefusedInWordsOfLambda) {
    TemporaryDirectory code;
    std::ofstream(code / "plain") << "text";
    SpawnRequest request = shell("");
    request.sandbox.mounts = {{code.path(), "/var/task"}};
    request.argv = {"/var/task/bootstrap"};
    const auto missing = machine.processes.spawn(request);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "process.spawn");
    EXPECT_EQ(missing.error().message, "fork/exec /var/task/bootstrap: no such file or directory");
    request.argv = {"/var/task/plain"};
    EXPECT_EQ(machine.processes.spawn(request).error().message,
              "fork/exec /var/task/plain: permission denied");
    request.argv = {"/var/task"};
    EXPECT_EQ(machine.processes.spawn(request).error().message,
              "fork/exec /var/task: permission denied");
}

TEST_P(Spawning, ProgramWithoutInterpreterSaysWhy) {
    TemporaryDirectory code;
    std::ofstream(code / "bootstrap") << "#!/no/such/interpreter\n";
    std::filesystem::permissions(code / "bootstrap", std::filesystem::perms(0755));
    SpawnRequest request = shell("");
    request.sandbox.mounts = {{code.path(), "/var/task"}};
    request.argv = {"/var/task/bootstrap"};
    EXPECT_EQ(run_to_end(std::move(request)).code, 127);
    EXPECT_THAT(output, HasSubstr("No such file or directory"));
}

class SandboxedProcess : public Spawning {};
INSTANTIATE_TEST_SUITE_P(Machine, SandboxedProcess, testing::Values(SandboxMode::required),
                         [](const auto&) { return "Sandboxed"; });

TEST_P(SandboxedProcess, SeesNeitherHomesNorOtherDirectories) {
    TemporaryDirectory data;
    std::ofstream(data / "secret") << "secret";
    run_to_end(
        shell("ls -A /root /home " + data.path() + " /etc/shadow /etc/ssl/private 2>&1; ls -A /"));
    EXPECT_THAT(output, Not(HasSubstr("secret")));
    for (const std::string& path :
         {std::string("/root"), std::string("/etc/shadow"), data.path()}) {
        EXPECT_THAT(output, HasSubstr("'" + path + "': No such file")) << output;
    }
    EXPECT_THAT(output, Not(HasSubstr("boot"))) << output;
}

TEST_P(SandboxedProcess, WritesOnlyToItsTmp) {
    TemporaryDirectory code;
    SpawnRequest request = shell(
        "for d in / /usr /etc /var /var/task /dev /dev/shm /proc /run; do "
        "(: > $d/written) 2>/dev/null && echo wrote $d; done; : > /tmp/written && echo tmp");
    request.sandbox.mounts = {{code.path(), "/var/task"}};
    run_to_end(std::move(request));
    EXPECT_EQ(output, "tmp\n");
    EXPECT_FALSE(std::filesystem::exists("/tmp/written"));
}

TEST_P(SandboxedProcess, SeesOnlyItsOwnProcessesAndIsNobodySpecial) {
    run_to_end(
        shell("ls -d /proc/[0-9]* | wc -l; grep CapEff /proc/self/status; grep NoNewPrivs "
              "/proc/self/status"));
    EXPECT_THAT(output, HasSubstr("CapEff:\t0000000000000000"));
    EXPECT_THAT(output, HasSubstr("NoNewPrivs:\t1"));
    EXPECT_LE(std::atoi(output.c_str()), 4) << output;
}

// Run by root, a function has root's user id on the host whatever its namespace calls it.
TEST_P(SandboxedProcess, CannotTurnTheSwitchesOfTheHost) {
    run_to_end(
        shell("for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname "
              "/proc/sys/vm/overcommit_memory; do (: >>$f) 2>/dev/null && echo $f; done"));
    EXPECT_EQ(output, "");
}

TEST_P(SandboxedProcess, InheritsNoDescriptors) {
    TemporaryDirectory data;
    auto held = machine.files.open(data / "secret", machine::Open::create);
    run_to_end(shell("ls /proc/self/fd"));
    EXPECT_EQ(output, "0\n1\n2\n3\n");  // 3 is what ls itself opened
}

TEST_P(SandboxedProcess, InterpreterOutsideUsrWorks) {
    const auto python = run(posix, machine.processes.find_interpreter("python3", ""));
    ASSERT_TRUE(python) << python.error().message;
    SpawnRequest request = shell("");
    request.argv = {python->path, "-c",
                    "import json, ssl, sys; print('.'.join(map(str, sys.version_info[:3])))"};
    EXPECT_EQ(run_to_end(std::move(request)).code, 0) << output;
    EXPECT_EQ(output, python->version + "\n");
}

TEST(Sandbox, HostPathTakesTheDeepestMount) {
    const machine::Sandbox sandbox{{{"/data/code", "/var/task"}, {"/data/deep", "/var/task/deep"}}};
    EXPECT_EQ(host_path(sandbox, "/var/task"), "/data/code");
    EXPECT_EQ(host_path(sandbox, "/var/task/deep/x"), "/data/deep/x");
    EXPECT_EQ(host_path(sandbox, "/var/tasks"), "/var/tasks");
}

TEST(Sandbox, WithoutMountsPathsInListsAreRewritten) {
    SpawnRequest request{.argv = {"/usr/bin/python3", "/var/runtime/bootstrap.py"},
                         .environment = {{"PATH", "/usr/bin:/var/task/bin"}, {"A", "b:c:"}},
                         .directory = "/var/task",
                         .sandbox = {{{"/code", "/var/task"}, {"/rt", "/var/runtime"}}}};
    const SpawnRequest plain = without_mounts(request);
    EXPECT_EQ(plain.argv[1], "/rt/bootstrap.py");
    EXPECT_EQ(plain.environment[0].second, "/usr/bin:/code/bin");
    EXPECT_EQ(plain.environment[1].second, "b:c:");
    EXPECT_EQ(plain.directory, "/code");
}

TEST(Sandbox, InterpreterInAHomeDirectoryNeverShowsTheHome) {
    SpawnRequest request{.argv = {"/home/ann/bin/python3"}};
    const auto arguments = bubblewrap_command("bwrap", SandboxLevel::full, request);
    EXPECT_THAT(arguments, testing::Contains("/home/ann/bin/python3"));
    EXPECT_THAT(arguments, Not(testing::Contains("/home/ann")));
}

TEST(Interpreters, FindsVersionsInWhatProgramsPrint) {
    EXPECT_EQ(version_in("Python 3.11.2"), "3.11.2");
    EXPECT_EQ(version_in("v22.3.0"), "22.3.0");
    EXPECT_EQ(version_in("nonsense"), "");
    EXPECT_TRUE(older("3.9.18", "3.13.0"));
    EXPECT_FALSE(older("3.13.0", "3.9.18"));
}

TEST(Interpreters, UnknownNameNamesTheRemedy) {
    const auto none = Interpreters("").find("nosuchlang", "1.2");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, "process.no_program");
    EXPECT_THAT(none.error().message, HasSubstr("apt-get install nosuchlang"));
}

TEST(Interpreters, PrefersTheVersionAskedForElseTheNewest) {
    Interpreters interpreters("");
    const auto newest = interpreters.find("python3", "");
    ASSERT_TRUE(newest);
    const auto fallback = interpreters.find("python3", "3.99");
    ASSERT_TRUE(fallback);
    EXPECT_EQ(fallback->version, newest->version);
    const auto exact = interpreters.find("python3", "3.11");
    ASSERT_TRUE(exact);
    EXPECT_FALSE(older(newest->version, exact->version));
}

// The loader of whatever is started opens the pipe, and waits for somebody who writes to it.
class BlockedPrograms {
  public:
    explicit BlockedPrograms(const std::string& pipe) {
        EXPECT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
        ::setenv("LD_PRELOAD", pipe.c_str(), 1);
    }
    BlockedPrograms(const BlockedPrograms&) = delete;
    BlockedPrograms& operator=(const BlockedPrograms&) = delete;
    ~BlockedPrograms() { ::unsetenv("LD_PRELOAD"); }
};

TEST(Interpreters, AreNotTakenForOthersBecauseTheyDoNotAnswer) {
    const TemporaryDirectory directory;
    const auto newest = Interpreters("").find("python3", "");
    ASSERT_TRUE(newest);
    Interpreters given(newest->path, 20ms);
    Interpreters searched("", 20ms);
    const BlockedPrograms blocked(directory / "pipe");
    for (int i = 0; i < 2; ++i) {  // the second time, too: silence is not kept
        EXPECT_EQ(given.find("python3", "3.11").error().code, "process.timeout");
        EXPECT_EQ(searched.find("python3", newest->version).error().code, "process.timeout");
    }
}

}  // namespace
}  // namespace mill::posix
