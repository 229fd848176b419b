// SPDX-License-Identifier: Apache-2.0
// The projects that `sam init` makes: the orders pipeline, in C++ or Python.
#pragma once

#include <span>
#include <string_view>

namespace mill::cli {

struct ProjectFile {
    std::string_view path;
    std::string_view text;  // {name} and {runtime} stand for the project's
};
std::span<const ProjectFile> cpp_project();
std::span<const ProjectFile> python_project();

}  // namespace mill::cli
