// SPDX-License-Identifier: Apache-2.0
#include "posix/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace mill::posix {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string reason(int error) { return std::generic_category().message(error); }

std::vector<char*> pointers(const std::vector<std::string>& list) {
    std::vector<char*> out;
    out.reserve(list.size() + 1);
    for (const std::string& text : list) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

// What posix_spawn does to descriptors and signals between fork and exec.
class SpawnSetup {
  public:
    explicit SpawnSetup(bool own_session) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        sigset_t all, none;
        sigfillset(&all);
        sigemptyset(&none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        const int session = own_session ? POSIX_SPAWN_SETSID : 0;
        posix_spawnattr_setflags(&attributes_, static_cast<short>(session | POSIX_SPAWN_SETSIGDEF |
                                                                  POSIX_SPAWN_SETSIGMASK));
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    // Copies lie above all targets, so that no dup2 overwrites the source of a later one.
    Result<void> wire(const ChildRequest& request) {
        posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
        MILL_CHECK(give(request.output, 1));
        MILL_CHECK(give(request.errors < 0 ? request.output : request.errors, 2));
        int target = 3;
        for (int fd : request.pass) {
            MILL_CHECK(give(fd, target));
            ++target;
        }
        posix_spawn_file_actions_addclosefrom_np(&actions_, target);
        if (!request.directory.empty()) {
            posix_spawn_file_actions_addchdir_np(&actions_, request.directory.c_str());
        }
        return {};
    }
    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    Result<void> give(int fd, int target) {
        Descriptor copy(::fcntl(fd, F_DUPFD_CLOEXEC, 64));
        if (!copy) return fail("process.spawn", "cannot start a process: " + reason(errno));
        posix_spawn_file_actions_adddup2(&actions_, copy.get(), target);
        copies_.push_back(std::move(copy));
        return {};
    }

    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
    std::vector<Descriptor> copies_;
};

Result<pid_t> start(const ChildRequest& request, char* const* environment) {
    SpawnSetup setup(request.own_session);
    MILL_CHECK(setup.wire(request));
    const std::vector<char*> argv = pointers(request.argv);
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, argv[0], setup.actions(), setup.attributes(),
                                     argv.data(), environment);
    if (error != 0)
        return fail("process.spawn", "cannot run '" + request.argv[0] + "': " + reason(error));
    return pid;
}

int remaining_ms(steady_clock::time_point deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
}

// Waits until the descriptor is readable; false at the deadline.
bool wait_readable(int fd, steady_clock::time_point deadline) {
    pollfd wanted = {fd, POLLIN, 0};
    while (true) {
        const int ready = ::poll(&wanted, 1, remaining_ms(deadline));
        if (ready >= 0 || errno != EINTR) return ready > 0;
    }
}

}  // namespace

Result<pid_t> start_child(const ChildRequest& request) {
    return start(request, pointers(request.environment).data());
}

Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail("process.spawn", "cannot make a pipe: " + reason(errno));
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<Descriptor> open_pidfd(pid_t pid) {
    Descriptor fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!fd)
        return fail("process.spawn",
                    "pidfd_open failed (Linux 5.3 or newer is needed): " + reason(errno));
    return fd;
}

bool reap_within(pid_t pid, milliseconds patience, int& wait_status) {
    const auto deadline = steady_clock::now() + patience;
    const auto ended = open_pidfd(pid);
    const bool in_time = ended && wait_readable(ended->get(), deadline);
    if (!in_time) ::kill(-pid, SIGKILL);
    while (::waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
    }
    return in_time;
}

Result<Captured> capture(const std::vector<std::string>& argv, milliseconds patience) {
    constexpr std::size_t output_bytes_max = 64 * 1024;
    const auto deadline = steady_clock::now() + patience;
    MILL_TRY(Pipe pipe, make_pipe());
    MILL_TRY(const pid_t pid, start({.argv = argv, .output = pipe.write.get()}, environ));
    pipe.write.reset();
    Captured captured;
    while (captured.output.size() < output_bytes_max && wait_readable(pipe.read.get(), deadline)) {
        char buffer[4096];
        const ssize_t got = ::read(pipe.read.get(), buffer, sizeof buffer);
        if (got <= 0) break;
        captured.output.append(buffer, static_cast<std::size_t>(got));
    }
    int status = 0;
    if (!reap_within(pid, milliseconds(remaining_ms(deadline)), status)) {
        return fail("process.timeout", "'" + argv[0] + "' did not end in time");
    }
    captured.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return captured;
}

}  // namespace mill::posix
