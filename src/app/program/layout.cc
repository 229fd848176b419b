// SPDX-License-Identifier: Apache-2.0
#include "app/program/layout.h"

#include <filesystem>
#include <initializer_list>

#include "posix/host.h"

namespace mill::app {
namespace {

namespace fs = std::filesystem;

// The variable's value, else the first of these that exists, as seen from the binary's directory;
// else the first.
std::string find(const std::string& variable, std::initializer_list<const char*> places) {
    if (auto given = posix::environment_variable(variable); given && !given->empty()) return *given;
    const fs::path here = fs::path(posix::executable_path()).parent_path();
    for (const char* place : places) {
        std::error_code error;
        if (fs::is_directory(here / place, error))
            return fs::canonical(here / place, error).string();
    }
    return (here / *places.begin()).lexically_normal().string();
}

}  // namespace

std::string runtimes_directory() {
    return find("MILLRACE_RUNTIMES", {"../share/millrace/runtimes", "../../../runtimes"});
}

std::string sdk_directory() { return find("MILLRACE_SDK", {"../share/millrace/sdk", "../sdk"}); }

}  // namespace mill::app
