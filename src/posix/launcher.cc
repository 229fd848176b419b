// SPDX-License-Identifier: Apache-2.0
#include "posix/launcher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "posix/host.h"
#include "posix/sandbox_image.h"

namespace mill::posix {
namespace {

using machine::SpawnRequest;

// From Linux 5.14 on RLIMIT_NPROC counts the processes of one user namespace; before, all of the
// user's.
bool counts_processes_by_namespace() {
    utsname name;
    int major = 0;
    int minor = 0;
    if (::uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &major, &minor) != 2)
        return false;
    return major > 5 || (major == 5 && minor >= 14);
}

// The plan that sandbox_init.c reads.
Bytes plan_of(const SpawnRequest& request, bool limit_processes) {
    Bytes plan;
    append_le<std::uint32_t>(plan, static_cast<std::uint32_t>(request.argv.size()));
    append_le<std::uint32_t>(plan, static_cast<std::uint32_t>(request.environment.size()));
    append_le<std::uint64_t>(plan, request.open_files_max);
    append_le<std::uint64_t>(plan, limit_processes ? request.processes_max : 0);
    const auto add = [&plan](const std::string& text) {
        plan.append(text.c_str(), text.size() + 1);
    };
    add(request.directory.empty() ? "/" : request.directory);
    for (const std::string& argument : request.argv) add(argument);
    for (const auto& [name, value] : request.environment) add(name + "=" + value);
    return plan;
}

// In the words of the Lambda service, which is written in Go.
Failure cannot_run(const std::string& program, int error) {
    std::string reason = std::generic_category().message(error);
    if (!reason.empty()) reason[0] = static_cast<char>(reason[0] | 0x20);
    return fail("process.spawn", "fork/exec " + program + ": " + reason);
}

Result<void> check_program(const SpawnRequest& request) {
    if (request.argv.empty()) return fail("process.spawn", "no program to run");
    const std::string& program = request.argv.front();
    for (const std::string& argument : request.argv) {
        if (argument.contains('\0')) return cannot_run(program, EINVAL);
    }
    for (const auto& [name, value] : request.environment) {
        if (name.contains('\0') || value.contains('\0')) return cannot_run(program, EINVAL);
    }
    const std::string path = host_path(request.sandbox, program);
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) return cannot_run(program, errno);
    if (!S_ISREG(status.st_mode)) return cannot_run(program, EACCES);
    if (::access(path.c_str(), X_OK) != 0) return cannot_run(program, errno);
    return {};
}

}  // namespace

Launcher::Launcher(SandboxMode mode, Log log) : mode_(mode), log_(std::move(log)) {}

void Launcher::begin() {
    if (level_ || begun_ || mode_ == SandboxMode::off) return;
    bwrap_ = find_in_path("bwrap");
    if (bwrap_.empty()) return;
    if (auto launched = try_at(SandboxLevel::full)) begun_ = *std::move(launched);
}

Descriptor Launcher::first_try() const {
    if (!begun_) return {};
    return Descriptor(::fcntl(begun_->pidfd.get(), F_DUPFD_CLOEXEC, 0));
}

Result<SandboxLevel> Launcher::level() {
    if (!level_) level_ = probe();
    if (mode_ == SandboxMode::required && *level_ == SandboxLevel::none) {
        return fail("process.sandbox", "no sandbox for functions: " + obstacle_);
    }
    return *level_;
}

SandboxLevel Launcher::probe() {
    if (mode_ == SandboxMode::off) return SandboxLevel::none;
    bwrap_ = find_in_path("bwrap");
    if (bwrap_.empty()) {
        obstacle_ = "bubblewrap is not installed; run: apt-get install bubblewrap";
    } else {
        for (SandboxLevel candidate :
             {SandboxLevel::full, SandboxLevel::host_proc, SandboxLevel::no_user_namespace}) {
            if (works(candidate)) return candidate;
        }
        obstacle_ =
            "bubblewrap does not work on this host (" + obstacle_ +
            "); allow user namespaces, or reinstall it: apt-get install --reinstall bubblewrap";
    }
    log_.warning("sandbox_off",
                 {{"reason", obstacle_}, {"effect", "functions run as plain processes"}});
    return SandboxLevel::none;
}

bool Launcher::works(SandboxLevel level) {
    std::optional<Launched> launched = std::exchange(begun_, std::nullopt);
    if (!launched) {
        auto now = try_at(level);
        if (!now) {
            obstacle_ = now.error().message;
            return false;
        }
        launched = *std::move(now);
    }
    int status = 0;
    const bool in_time = reap_within(launched->pid, sandbox_patience, status);
    if (in_time && status == 0) return true;
    char text[512];
    const ssize_t got = ::read(launched->output.get(), text, sizeof text);
    if (got > 0 && obstacle_.empty()) obstacle_.assign(text, static_cast<std::size_t>(got));
    while (obstacle_.ends_with('\n')) obstacle_.pop_back();
    return false;
}

Result<Launched> Launcher::launch(const SpawnRequest& request) {
    MILL_TRY(const SandboxLevel now, level());
    MILL_CHECK(check_program(request));
    if (now == SandboxLevel::none) return launch_at(now, without_mounts(request));
    return launch_at(now, request);
}

Result<Launched> Launcher::try_at(SandboxLevel level) {
    return launch_at(level, {.argv = {"/usr/bin/true"}, .directory = "/"});
}

Result<Launched> Launcher::launch_at(SandboxLevel level, const SpawnRequest& request) {
    if (!init_) {
        MILL_TRY(init_, sandbox_init_file());
    }
    const bool own_users = level == SandboxLevel::full || level == SandboxLevel::host_proc;
    const bool limit_processes = own_users && counts_processes_by_namespace();
    MILL_TRY(const Descriptor plan, memory_file("plan", plan_of(request, limit_processes)));
    MILL_TRY(Pipe output, make_pipe());
    MILL_TRY(Pipe report, make_pipe());
    std::vector<std::string> argv;
    if (level != SandboxLevel::none) argv = bubblewrap_command(bwrap_, level, request);
    argv.insert(argv.end(), {"/proc/self/fd/3", "4", "5"});
    Launched launched;
    MILL_TRY(launched.pid, start_child({.argv = std::move(argv),
                                        .environment = {"PATH=/usr/bin:/bin"},
                                        .output = output.write.get(),
                                        .pass = {init_.get(), plan.get(), report.write.get()}}));
    MILL_TRY(launched.pidfd, open_pidfd(launched.pid));
    launched.depth = level == SandboxLevel::none ? 1 : 2;
    launched.output = std::move(output.read);
    launched.report = std::move(report.read);
    ::fcntl(launched.output.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(launched.report.get(), F_SETFL, O_NONBLOCK);
    return launched;
}

}  // namespace mill::posix
