// SPDX-License-Identifier: Apache-2.0
#include "posix/interpreters.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "posix/child.h"
#include "posix/host.h"

namespace mill::posix {
namespace {

namespace fs = std::filesystem;
using machine::Program;

std::vector<int> numbers(const std::string& version) {
    std::vector<int> parts;
    const char* at = version.c_str();
    while (std::isdigit(static_cast<unsigned char>(*at))) {
        char* end = nullptr;
        parts.push_back(static_cast<int>(std::strtol(at, &end, 10)));
        at = *end == '.' ? end + 1 : end;
    }
    return parts;
}

bool has_version(const Program& program, const std::string& wanted) {
    const auto have = numbers(program.version);
    const auto want = numbers(wanted);
    return have.size() >= want.size() && std::equal(want.begin(), want.end(), have.begin());
}

void add_versions(std::vector<std::string>& directories, const fs::path& versions) {
    std::error_code error;
    for (fs::directory_iterator at(versions, error), end; !error && at != end;
         at.increment(error)) {
        directories.push_back((at->path() / "bin").string());
    }
}

std::vector<std::string> directories_to_search() {
    std::vector<std::string> directories;
    const std::string path = environment_variable("PATH").value_or("");
    for (std::size_t start = 0; start < path.size();) {
        const std::size_t end = std::min(path.find(':', start), path.size());
        if (path[start] == '/') directories.push_back(path.substr(start, end - start));
        start = end + 1;
    }
    directories.insert(directories.end(), {"/usr/bin", "/usr/local/bin"});
    const std::string home = environment_variable("HOME").value_or("/root");
    add_versions(directories, fs::path(home) / ".pyenv/versions");
    add_versions(directories, fs::path(home) / ".nvm/versions/node");
    return directories;
}

// pyenv's shims are scripts that need a home directory; functions have none.
bool is_script(const fs::path& path) {
    char first[2] = {};
    std::ifstream(path).read(first, 2);
    return first[0] == '#' && first[1] == '!';
}

// "python3" stands for python3, python3.11, python3.13; "node" for node alone.
bool is_named(const std::string& file, const std::string& name) {
    if (!file.starts_with(name)) return false;
    return std::ranges::all_of(file.substr(name.size()),
                               [](unsigned char c) { return std::isdigit(c) || c == '.'; });
}

}  // namespace

std::string version_in(const std::string& text) {
    const auto digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    const auto start = std::ranges::find_if(text, digit);
    const auto end =
        std::find_if(start, text.end(), [&](unsigned char c) { return !digit(c) && c != '.'; });
    return std::string(start, end);
}

bool older(const std::string& a, const std::string& b) { return numbers(a) < numbers(b); }

// Silence is no answer: on a machine under load another interpreter would be taken for this one, as
// long as the server runs.
Result<Interpreters::Asked> Interpreters::ask(const std::string& path) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error || ::access(path.c_str(), X_OK) != 0 || is_script(real)) return std::nullopt;
    {
        const std::lock_guard lock(mutex_);
        const auto known = asked_.find(path);
        if (known != asked_.end()) return known->second;
    }
    const auto answer = capture({path, "--version"}, patience_);
    if (!answer && answer.error().code == "process.timeout") {
        return fail("process.timeout",
                    "'" + path +
                        " --version' did not answer in time; try again when the machine "
                        "is less busy, or name another interpreter: millrace serve --python PATH");
    }
    Asked program;
    if (answer && answer->exit_code == 0) {
        const std::string line = answer->output.substr(0, answer->output.find('\n'));
        if (const auto version = version_in(line); !version.empty()) program = {path, version};
    }
    const std::lock_guard lock(mutex_);
    return asked_[path] = program;
}

// The first in the order of search.
Result<Interpreters::Asked> Interpreters::find_exact(const std::vector<std::string>& files,
                                                     const std::string& version) {
    for (const std::string& file : files) {
        for (const std::string& directory : directories_to_search()) {
            MILL_TRY(Asked program, ask(directory + "/" + file));
            if (program && has_version(*program, version)) return program;
        }
    }
    return std::nullopt;
}

Result<std::vector<Program>> Interpreters::all(const std::string& name) {
    std::vector<Program> programs;
    std::set<fs::path> seen;
    for (const std::string& directory : directories_to_search()) {
        std::error_code error;
        for (fs::directory_iterator at(directory, error), end; !error && at != end;
             at.increment(error)) {
            std::error_code broken;
            if (!is_named(at->path().filename().string(), name)) continue;
            if (!seen.insert(fs::canonical(at->path(), broken)).second || broken) continue;
            MILL_TRY(Asked program, ask(at->path().string()));
            if (program) programs.push_back(*std::move(program));
        }
    }
    return programs;
}

Result<Program> Interpreters::find(const std::string& name, const std::string& version) {
    if (!python_.empty() && name.starts_with("python")) {
        MILL_TRY(const Asked program, ask(python_));
        if (program) return *program;
        return fail("process.no_program", "'" + python_ + "' is not a working interpreter");
    }
    if (!version.empty()) {
        // python3.13 for ("python3", "3.13"); then python3 itself, if it is that version.
        const std::string base(name, 0, name.find_first_of("0123456789"));
        MILL_TRY(const Asked exact, find_exact({base + version, name}, version));
        if (exact) return *exact;
    }
    MILL_TRY(const auto programs, all(name));
    if (programs.empty()) {
        return fail("process.no_program",
                    "no " + name + " on this machine; run: apt-get install " + name);
    }
    return *std::ranges::max_element(programs, older, &Program::version);
}

}  // namespace mill::posix
