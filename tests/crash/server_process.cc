// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "tests/crash/verdict.h"

namespace mill::crash {
namespace {

// Half a minute in all; a test that is stopped for a while does not take it for the server's time.
constexpr int look_ms = 100;
constexpr int looks_max = 300;

}  // namespace

ServerProcess::ServerProcess(std::string program, std::string log)
    : program_(std::move(program)), log_(std::move(log)) {}

ServerProcess::~ServerProcess() { kill(); }

void ServerProcess::launch(const std::string& directory) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) < 0) give_up("pipe2 failed");
    pid_ = ::fork();
    if (pid_ < 0) give_up("fork failed");
    if (pid_ == 0) {
        const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(pipe[1], STDOUT_FILENO);
        if (log >= 0) ::dup2(log, STDERR_FILENO);
        ::execl(program_.c_str(), program_.c_str(), "serve", "--data", directory.c_str(),
                "--listen", "127.0.0.1:0", nullptr);
        ::_exit(127);
    }
    ::close(pipe[1]);
    out_ = pipe[0];
}

std::uint16_t ServerProcess::wait_until_ready() {
    constexpr const char* mark = "http://127.0.0.1:";
    std::string line;
    for (int looks = 0; line.find('\n') == std::string::npos;) {
        pollfd waiting{.fd = out_, .events = POLLIN};
        if (::poll(&waiting, 1, look_ms) <= 0) {
            if (++looks == looks_max) return 0;
            continue;
        }
        char bytes[1024];
        const ssize_t count = ::read(out_, bytes, sizeof bytes);
        if (count <= 0) return 0;
        line.append(bytes, static_cast<std::size_t>(count));
    }
    const auto at = line.find(mark);
    if (at == std::string::npos) return 0;
    return static_cast<std::uint16_t>(
        std::atoi(line.c_str() + at + std::char_traits<char>::length(mark)));
}

std::optional<int> ServerProcess::kill() {
    if (pid_ <= 0) return std::nullopt;
    ::kill(pid_, SIGKILL);
    const int status = wait();
    return status == SIGKILL ? std::nullopt : std::optional(status);
}

void ServerProcess::ask_to_end() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
}

int ServerProcess::wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    ::close(std::exchange(out_, -1));
    return status;
}

}  // namespace mill::crash
