// SPDX-License-Identifier: Apache-2.0
// The projects that `sam init` makes: the orders pipeline, in C++ or Python.
#pragma once

#include <span>
#include <string_view>

namespace mill::cli {

struct ProjectFile {
    std::string_view path;
    std::string_view
        text;  // {name} and {runtime} stand for the project's, others for the language's
};

struct ProjectLanguage {
    std::string_view metadata = {};  // of a function in the template
    std::string_view producer;       // handlers
    std::string_view consumer;
    std::span<const ProjectFile> files;  // beside those of every project
};

std::span<const ProjectFile> project_files();
const ProjectLanguage& cpp_language();
const ProjectLanguage& python_language();

}  // namespace mill::cli
