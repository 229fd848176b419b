// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_init.h"

#include <fmt/format.h>

#include "cli/prompt.h"
#include "cli/sam.h"

namespace mill::cli {
namespace {

struct NewProject {
    std::string name;
    std::string runtime;
    std::string manager;
    std::string directory;
};

bool is_cpp(const std::string& runtime) { return runtime.starts_with("provided"); }

std::string manager_of(const std::string& runtime) { return is_cpp(runtime) ? "make" : "pip"; }

Result<void> check(const NewProject& project) {
    if (!is_cpp(project.runtime) && !project.runtime.starts_with("python3.")) {
        return fail("usage",
                    "Invalid value for '-r' / '--runtime': Millrace makes projects for "
                    "provided.al2023 (C++) and python3.N, not for '" +
                        project.runtime + "'.");
    }
    if (project.manager != manager_of(project.runtime)) {
        return fail("usage", "Invalid value for '-d' / '--dependency-manager': it is " +
                                 manager_of(project.runtime) + " for " + project.runtime +
                                 ", not '" + project.manager + "'.");
    }
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    if (project.name.find_first_not_of(allowed) != std::string::npos ||
        !std::isalpha(static_cast<unsigned char>(project.name[0]))) {
        return fail("usage",
                    "Invalid value for '-n' / '--name': it is the stack's name too: a "
                    "letter, then letters, digits and hyphens, not '" +
                        project.name + "'.");
    }
    return {};
}

Result<void> check_refused(const SamOptions& options) {
    if (const std::string type = options.get("--package-type", "Zip"); type != "Zip")
        return fail("refused", "--package-type: Millrace deploys zip archives only, no images.");
    if (const std::string arch = options.get("--architecture", "x86_64"); arch != "x86_64")
        return fail("refused", "--architecture: functions run on this machine, on x86_64.");
    if (const std::string app = options.get("--app-template", "orders"); app != "orders") {
        return fail("refused", "--app-template: Millrace has one template, orders; '" + app +
                                   "' is SAM CLI's.");
    }
    return {};
}

Result<NewProject> ask(Session& session, const SamOptions& options) {
    NewProject project{.name = options.get("--name"),
                       .runtime = options.get("--runtime"),
                       .manager = options.get("--dependency-manager"),
                       .directory = options.get("--output-dir", ".")};
    const bool is_complete = !project.name.empty() && !project.runtime.empty();
    if (!is_complete && (options.flag("--no-interactive") || !session.is_asked)) {
        return fail("usage",
                    "Missing required parameters, with --no-interactive or without a terminal. "
                    "Must provide: --name and --runtime; --dependency-manager and --app-template "
                    "may be left out.");
    }
    if (project.runtime.empty()) {
        session.out(
            "Which runtime would you like to use?\n\t1 - provided.al2023 (C++)\n"
            "\t2 - python3.13\n");
        MILL_TRY(const std::string answer, prompt(session, "Runtime", "1"));
        project.runtime = answer == "1" ? "provided.al2023" : answer == "2" ? "python3.13" : answer;
    }
    if (project.name.empty()) {
        MILL_TRY(project.name, prompt(session, "\nProject name", "sam-app"));
    }
    if (project.manager.empty()) project.manager = manager_of(project.runtime);
    return project;
}

const ProjectLanguage& language_of(const NewProject& project) {
    return is_cpp(project.runtime) ? cpp_language() : python_language();
}

std::string filled(std::string_view text, const NewProject& project) {
    const ProjectLanguage& language = language_of(project);
    const std::pair<std::string_view, std::string_view> places[] = {
        {"{name}", project.name},
        {"{runtime}", project.runtime},
        {"{metadata}", language.metadata},
        {"{producer}", language.producer},
        {"{consumer}", language.consumer}};
    std::string out(text);
    for (const auto& [place, value] : places) {
        for (std::size_t at = out.find(place); at != std::string::npos;
             at = out.find(place, at + value.size()))
            out.replace(at, place.size(), value);
    }
    return out;
}

Result<void> write_project(machine::Files& files, const NewProject& project,
                           const std::string& folder) {
    if (files.exists(folder))
        return fail("init", "An error occurred while generating this project " + project.name +
                                ": " + folder + " exists already");
    for (const auto some : {project_files(), language_of(project).files}) {
        for (const ProjectFile& file : some) {
            const std::string path = folder + "/" + std::string(file.path);
            MILL_CHECK(files.make_directories(machine::parent_directory(path)));
            MILL_CHECK(machine::write_file_durably(files, path, filled(file.text, project)));
        }
    }
    return {};
}

}  // namespace

Task<Result<void>> sam_init(Session& session, SamOptions options) {
    MILL_CO_CHECK(check_refused(options));
    MILL_CO_TRY(const NewProject project, ask(session, options));
    MILL_CO_CHECK(check(project));
    const std::string folder = join_path(project.directory, project.name);
    session.out(fmt::format(
        "\n-----------------------\nGenerating application:\n"
        "-----------------------\nName: {}\nRuntime: {}\n"
        "Architectures: x86_64\nDependency Manager: {}\n"
        "Application Template: orders\nOutput Directory: {}\n"
        "Configuration file: {}/samconfig.toml\n\n"
        "Next steps can be found in the README file at {}/README.md\n",
        project.name, project.runtime, project.manager, project.directory, folder, folder));
    MILL_CO_CHECK(write_project(session.machine.files, project, folder));
    session.out(
        fmt::format("\nCommands you can use next\n=========================\n"
                    "[*] Build it: cd {0} && {1} build\n"
                    "[*] Validate SAM template: cd {0} && {1} validate\n"
                    "[*] Test Function in the Cloud: cd {0} && {1} sync --stack-name "
                    "{{stack-name}} --watch\n\n",
                    folder, session.name));
    co_return Result<void>();
}

}  // namespace mill::cli
