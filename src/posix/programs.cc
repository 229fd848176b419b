// SPDX-License-Identifier: Apache-2.0
#include "posix/programs.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "posix/sandbox_image.h"

namespace mill::posix {
namespace {

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& added) {
    std::vector<std::string> all;
    for (char** at = environ; *at; ++at) {
        const std::string_view entry = *at;
        const auto replaced = [&](const auto& pair) {
            return entry.starts_with(pair.first) &&
                   entry.substr(pair.first.size()).starts_with('=');
        };
        if (std::ranges::none_of(added, replaced)) all.emplace_back(entry);
    }
    for (const auto& [name, value] : added) all.push_back(name + "=" + value);
    return all;
}

ChildRequest request_of(const Program& program) {
    return {.argv = program.argv,
            .environment = environment_with(program.environment),
            .directory = program.directory,
            .pass = program.gets_errors ? std::vector<int>{STDERR_FILENO} : std::vector<int>{},
            .own_session = false};
}

// Appends what is there; false at the end.
bool read_some(int fd, std::string& to) {
    char buffer[16 * 1024];
    while (true) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        to.append(buffer, static_cast<std::size_t>(got));
        return true;
    }
}

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

Result<Captured> run_program(const Program& program) {
    MILL_TRY(Pipe pipe, make_pipe());
    ChildRequest request = request_of(program);
    request.output = pipe.write.get();
    MILL_TRY(const pid_t pid, start_child(request));
    pipe.write.reset();
    Captured captured;
    while (read_some(pipe.read.get(), captured.output)) {
    }
    const int status = wait_for(pid);
    captured.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return captured;
}

Result<std::unique_ptr<BackgroundProgram>> BackgroundProgram::start(const Program& program) {
    MILL_TRY(Pipe pipe, make_pipe());
    std::unique_ptr<BackgroundProgram> started(new BackgroundProgram);
    MILL_TRY(started->errors_, memory_file("stderr", {}));
    ChildRequest request = request_of(program);
    request.output = pipe.write.get();
    request.errors = started->errors_.get();
    MILL_TRY(started->pid_, start_child(request));
    started->output_ = std::move(pipe.read);
    return started;
}

BackgroundProgram::~BackgroundProgram() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    wait_for(pid_);
}

Result<std::string> BackgroundProgram::read_line() {
    while (true) {
        if (const std::size_t end = pending_.find('\n'); end != std::string::npos) {
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return line;
        }
        if (!read_some(output_.get(), pending_)) break;
    }
    std::string errors;
    ::lseek(errors_.get(), 0, SEEK_SET);
    while (read_some(errors_.get(), errors)) {
    }
    while (errors.ends_with('\n')) errors.pop_back();
    return fail("process.ended", errors.empty() ? "the program ended without a word" : errors);
}

void BackgroundProgram::terminate() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGTERM);
    wait_for(std::exchange(pid_, 0));
}

}  // namespace mill::posix
