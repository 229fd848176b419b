// SPDX-License-Identifier: Apache-2.0
#include "posix/sandbox.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace mill::posix {
namespace {

namespace fs = std::filesystem;
using machine::SpawnRequest;
using Arguments = std::vector<std::string>;

constexpr std::array<std::string_view, 8> system_directories = {
    "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/nix/store"};
// Of /etc/ssl only what is public.
constexpr std::array<std::string_view, 17> etc_files = {
    "/etc/resolv.conf",   "/etc/hosts",        "/etc/nsswitch.conf",   "/etc/host.conf",
    "/etc/gai.conf",      "/etc/ssl/certs",    "/etc/ssl/openssl.cnf", "/etc/ca-certificates",
    "/etc/pki/tls/certs", "/etc/pki/ca-trust", "/etc/ld.so.cache",     "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",  "/etc/localtime",    "/etc/passwd",          "/etc/group",
    "/etc/alternatives"};

void add(Arguments& to, std::initializer_list<std::string> more) { to.insert(to.end(), more); }

bool is_within(std::string_view path, std::string_view directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/' ||
            directory.ends_with('/'));
}

bool is_system_path(std::string_view path) {
    for (std::string_view directory : system_directories) {
        if (is_within(path, directory)) return true;
    }
    return false;
}

// Debian's /bin and /lib are links into /usr; inside they stay links.
void add_system_directories(Arguments& arguments) {
    for (std::string_view name : system_directories) {
        const fs::path path(name);
        std::error_code error;
        if (fs::is_symlink(path, error)) {
            add(arguments, {"--symlink", fs::read_symlink(path, error).string(), path.string()});
        } else if (fs::is_directory(path, error)) {
            add(arguments, {"--ro-bind", path.string(), path.string()});
        }
    }
    for (std::string_view file : etc_files) {
        add(arguments, {"--ro-bind-try", std::string(file), std::string(file)});
    }
}

// The directory that an installed program belongs to: <prefix>/bin/python3 needs <prefix>/lib.
// Never a home directory or something above it; then only the program's own file is shown.
fs::path prefix_of(const fs::path& program) {
    const fs::path directory = program.parent_path();
    const fs::path prefix = directory.filename() == "bin" ? directory.parent_path() : directory;
    const char* home = std::getenv("HOME");
    const bool holds_home = is_within("/root", prefix.string()) ||
                            is_within("/home", prefix.string()) ||
                            (home && is_within(home, prefix.string()));
    const bool is_home = prefix.parent_path() == "/home";
    return holds_home || is_home ? program : prefix;
}

// An interpreter outside /usr (pyenv, nvm, a virtual environment), and what its link leads to.
void add_program(Arguments& arguments, const SpawnRequest& request) {
    const std::string& program = request.argv.front();
    if (host_path(request.sandbox, program) != program) return;
    std::error_code error;
    const fs::path real = fs::canonical(program, error);
    for (const fs::path& path : {fs::path(program), real}) {
        if (path.empty() || is_system_path(path.string())) continue;
        const std::string prefix = prefix_of(path).string();
        add(arguments, {"--ro-bind", prefix, prefix});
    }
}

void add_namespaces(Arguments& arguments, SandboxLevel level) {
    if (level != SandboxLevel::no_user_namespace) {
        // AWS: functions run as an unprivileged sbx_user.
        add(arguments, {"--unshare-user", "--uid", "993", "--gid", "990"});
    }
    add(arguments, {"--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"});
    add(arguments, {"--hostname", "sandbox", "--as-pid-1", "--die-with-parent", "--new-session"});
    add(arguments, {"--cap-drop", "ALL"});
}

// The kernel lets the host's root write the switches of the whole machine (/proc/sys/kernel/
// core_pattern names a program that it runs as root) by user id alone: without capabilities, and
// under whatever name a user namespace gives that user. bubblewrap takes them for read-only
// already.
void add_proc(Arguments& arguments, SandboxLevel level) {
    if (level == SandboxLevel::host_proc) {
        add(arguments, {"--ro-bind", "/proc", "/proc"});
        return;
    }
    add(arguments, {"--proc", "/proc"});
    for (const std::string switches : {"/proc/sys", "/proc/sysrq-trigger"}) {
        add(arguments, {"--ro-bind-try", switches, switches});
    }
}

std::string rewritten(const machine::Sandbox& sandbox, const std::string& text) {
    std::string out;
    std::size_t start = 0;
    while (true) {
        const std::size_t colon = text.find(':', start);
        out += host_path(sandbox, text.substr(start, colon - start));
        if (colon == std::string::npos) return out;
        out += ':';
        start = colon + 1;
    }
}

}  // namespace

std::string describe(SandboxLevel level) {
    switch (level) {
        case SandboxLevel::full:
            return "bubblewrap: user, pid, ipc, uts, mount namespaces; network shared";
        case SandboxLevel::host_proc:
            return "bubblewrap: user, pid, ipc, uts, mount namespaces; /proc and network shared";
        case SandboxLevel::no_user_namespace:
            return "bubblewrap: pid, ipc, uts, mount namespaces; user and network shared";
        case SandboxLevel::none:
            break;
    }
    return "none: functions run as plain processes of this user";
}

std::string host_path(const machine::Sandbox& sandbox, const std::string& inside) {
    const machine::Sandbox::Mount* best = nullptr;
    for (const auto& mount : sandbox.mounts) {
        if (is_within(inside, mount.to) && (!best || mount.to.size() > best->to.size()))
            best = &mount;
    }
    return best ? best->from + inside.substr(best->to.size()) : inside;
}

std::vector<std::string> bubblewrap_command(const std::string& bwrap, SandboxLevel level,
                                            const SpawnRequest& request) {
    Arguments arguments = {bwrap};
    add_namespaces(arguments, level);
    add_system_directories(arguments);
    add_program(arguments, request);
    add_proc(arguments, level);
    add(arguments, {"--dev", "/dev"});
    bool has_tmp = false;
    for (const auto& mount : request.sandbox.mounts) {
        has_tmp = has_tmp || mount.to == "/tmp";
        add(arguments, {mount.writable ? "--bind" : "--ro-bind", mount.from, mount.to});
    }
    if (!has_tmp) add(arguments, {"--tmpfs", "/tmp"});
    add(arguments, {"--remount-ro", "/dev", "--remount-ro", "/", "--"});
    return arguments;
}

SpawnRequest without_mounts(SpawnRequest request) {
    for (std::string& argument : request.argv) argument = host_path(request.sandbox, argument);
    for (auto& [name, value] : request.environment) value = rewritten(request.sandbox, value);
    request.directory = host_path(request.sandbox, request.directory);
    request.sandbox.mounts.clear();
    return request;
}

}  // namespace mill::posix
