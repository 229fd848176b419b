// SPDX-License-Identifier: Apache-2.0
#include "posix/host.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "posix/files.h"

namespace mill::posix {

std::optional<std::string> environment_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

std::string executable_path() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

std::string absolute_path(const std::string& path) {
    std::error_code error;
    std::string whole = std::filesystem::absolute(path, error).lexically_normal().string();
    while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
    return whole;
}

std::string find_in_path(const std::string& name) {
    std::error_code error;
    const std::string path = environment_variable("PATH").value_or("") + ":/usr/bin:/bin";
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find(':', start), path.size());
        const std::string candidate = path.substr(start, end - start) + "/" + name;
        if (candidate.starts_with('/') && std::filesystem::is_regular_file(candidate, error) &&
            ::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
        start = end + 1;
    }
    return {};
}

bool is_inherited(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFD);
    return flags >= 0 && (flags & FD_CLOEXEC) == 0;  // all that are opened here have it
}

std::uint64_t raise_descriptor_limit() {
    rlimit limit;
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

void make_files_private() { ::umask(077); }

Result<std::string> make_temporary_directory() {
    std::string path = environment_variable("TMPDIR").value_or("/tmp") + "/millrace-XXXXXX";
    if (!::mkdtemp(path.data())) return io_failure(errno, "make directory", path);
    return path;
}

int terminal_columns() {
    const int given = std::atoi(environment_variable("COLUMNS").value_or("").c_str());
    if (given > 0) return given;
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

HiddenInput::HiddenInput() {
    termios settings{};
    if (::tcgetattr(STDIN_FILENO, &settings) != 0) return;
    flags_ = settings.c_lflag;
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
}

HiddenInput::~HiddenInput() {
    termios settings{};
    if (!flags_ || ::tcgetattr(STDIN_FILENO, &settings) != 0) return;
    settings.c_lflag = *flags_;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
}

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

void exit_now(int code) { ::_exit(code); }

}  // namespace mill::posix
