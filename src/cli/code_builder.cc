// SPDX-License-Identifier: Apache-2.0
#include "cli/code_builder.h"

#include <fmt/format.h>

#include <optional>

namespace mill::cli {
namespace {

// What never belongs to a function's code, where the project's folder is its source.
bool is_left_out(std::string_view name) { return name == ".aws-sam" || name == ".git"; }

class Builder {
  public:
    Builder(machine::Files& files, const std::function<Result<CommandResult>(const Command&)>& run,
            BuildJob& job)
        : files_(files), run_(run), job_(job) {}
    Result<void> build();
    Result<void> copy_for_others();

  private:
    Result<void> run(const Command& command, const std::string& what);
    Result<void> copy(const std::string& from, const std::string& to);
    Result<void> make();
    Result<void> python();
    Result<void> nodejs();
    Result<void> build_anew();
    void tell(const std::string& text) { job_.story += text + "\n"; }
    // Where a layer's files go.
    std::string target(const char* folder) const {
        return job_.first().is_layer() ? job_.artifacts + "/" + folder : job_.artifacts;
    }
    // The manifest, if there is one.
    std::optional<std::string> manifest(const std::string& name);

    machine::Files& files_;
    const std::function<Result<CommandResult>(const Command&)>& run_;
    BuildJob& job_;
};

Result<void> Builder::run(const Command& command, const std::string& what) {
    MILL_TRY(const CommandResult result, run_(command));
    if (result.exit_code == 0) return {};
    return fail("build", what + " failed: exit status " + std::to_string(result.exit_code) + "\n" +
                             result.output);
}

Result<void> Builder::copy(const std::string& from, const std::string& to) {
    MILL_CHECK(files_.make_directories(to));
    MILL_TRY(const auto entries, files_.list(from));
    Command command{.argv = {"cp", "-a"}};
    for (const machine::DirectoryEntry& entry : entries) {
        const std::string path = from + "/" + entry.name;
        // Nor can what is built be part of what it is built from.
        if (!is_left_out(entry.name) && !(to + "/").starts_with(path + "/"))
            command.argv.push_back(path);
    }
    if (command.argv.size() == 2) return {};
    command.argv.push_back(to);
    return run(command, "copying " + from);
}

std::optional<std::string> Builder::manifest(const std::string& name) {
    const std::string path = job_.manifest.empty() ? job_.source + "/" + name : job_.manifest;
    if (files_.exists(path)) return path;
    tell(name + " file not found. Continuing the build without dependencies.");
    return std::nullopt;
}

Result<void> Builder::make() {
    const std::string makefile = job_.source + "/Makefile";
    if (!files_.exists(makefile)) {
        return fail("build",
                    "CustomMakeBuilder:MakeBuild - Make Failed: Makefile not found at " + makefile);
    }
    const std::string scratch = job_.scratch + "/" + job_.first().logical_id;
    MILL_CHECK(files_.remove_tree(scratch));
    MILL_CHECK(copy(job_.source, scratch));
    Command command{.argv = {"make", "--makefile", makefile, "build-" + job_.first().logical_id},
                    .directory = scratch,
                    .environment = {{"ARTIFACTS_DIR", job_.artifacts}}};
    if (!job_.sdk.empty()) command.environment.emplace_back("MILLRACE_SDK", job_.sdk);
    MILL_CHECK(run(command, "CustomMakeBuilder:MakeBuild - Make Failed: make build-" +
                                job_.first().logical_id));
    return files_.remove_tree(scratch);
}

Result<void> Builder::python() {
    const std::string to = target("python");
    MILL_CHECK(copy(job_.source, to));
    const auto requirements = manifest("requirements.txt");
    if (!requirements) return {};
    return run(
        {.argv = {"python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                  "--requirement", *requirements, "--target", to}},
        "PythonPipBuilder:ResolveDependencies - pip install");
}

Result<void> Builder::nodejs() {
    const std::string to = target("nodejs");
    MILL_CHECK(copy(job_.source, to));
    const auto package = manifest("package.json");
    if (!package) return {};
    const auto npm = run_({.argv = {"npm", "--version"}});
    if (!npm || npm->exit_code != 0) {
        return fail("build",
                    "NodejsNpmBuilder - npm is not on PATH; install Node.js with npm, and sam "
                    "build again");
    }
    if (*package != to + "/package.json")
        MILL_CHECK(run({.argv = {"cp", *package, to + "/package.json"}}, "copying " + *package));
    const char* verb = files_.exists(to + "/package-lock.json") ? "ci" : "install";
    return run({.argv = {"npm", verb, "--omit=dev", "--no-audit", "--no-fund", "--silent"},
                .directory = to},
               std::string("NodejsNpmBuilder:NpmInstall - npm ") + verb);
}

Result<void> Builder::build_anew() {
    MILL_CHECK(files_.remove_tree(job_.artifacts));
    MILL_CHECK(files_.make_directories(job_.artifacts));
    MILL_TRY(const std::string method, build_method(job_.first()));
    if (method == "makefile") return make();
    return method == "python" ? python() : nodejs();
}

Result<void> add_tree(machine::Files& files, const std::string& directory,
                      const std::string& prefix, std::string& text) {
    MILL_TRY(const auto entries, files.list(directory));
    for (const machine::DirectoryEntry& entry : entries) {
        const std::string path = directory + "/" + entry.name;
        if (is_left_out(entry.name)) continue;
        if (entry.is_directory) {
            MILL_CHECK(add_tree(files, path, prefix + entry.name + "/", text));
            continue;
        }
        MILL_TRY(const Bytes bytes, machine::read_file(files, path));
        text += prefix + entry.name + " " + hex(sha256(bytes)) + "\n";
    }
    return {};
}

Result<void> Builder::build() {
    if (job_.cache.empty()) return build_anew();
    const CodeSource& first = job_.first();
    std::string text = first.runtime + " " + first.build_method + " " + first.architecture + "\n";
    MILL_CHECK(add_tree(files_, job_.source, "", text));
    if (!job_.manifest.empty()) {
        MILL_TRY(const Bytes manifest, machine::read_file(files_, job_.manifest));
        text += manifest;
    }
    const std::string mine = job_.cache + "/" + first.logical_id;
    const std::string kept = mine + "/" + hex(sha256(text)).substr(0, 32);
    const std::string kind = first.is_layer() ? "layers" : "functions";
    if (files_.exists(kept)) {
        tell("Valid cache found, copying previously built resources for following " + kind + " (" +
             job_.names() + ")");
        MILL_CHECK(files_.remove_tree(job_.artifacts));
        return copy(kept, job_.artifacts);
    }
    tell("Cache is invalid, running build and copying resources for following " + kind + " (" +
         job_.names() + ")");
    MILL_CHECK(build_anew());
    MILL_CHECK(files_.remove_tree(mine));
    MILL_CHECK(copy(job_.artifacts, mine + "/part"));
    return files_.rename(mine + "/part", kept);
}

Result<void> Builder::copy_for_others() {
    for (std::size_t i = 1; i < job_.sources.size(); ++i) {
        const std::string folder = machine::parent_directory(job_.artifacts);
        MILL_CHECK(copy(job_.artifacts, folder + "/" + job_.sources[i].logical_id));
    }
    return {};
}

}  // namespace

std::string BuildJob::names() const {
    std::string text;
    for (const CodeSource& one : sources) text += (text.empty() ? "" : ", ") + one.logical_id;
    return text;
}

Result<std::string> build_method(const CodeSource& source) {
    const std::string& given = source.build_method.empty() ? source.runtime : source.build_method;
    if (given == "makefile") return std::string("makefile");
    if (given.starts_with("python") && given != "python-uv") return std::string("python");
    if (given.starts_with("nodejs")) return std::string("nodejs");
    if (given.starts_with("provided")) {
        return fail("build",
                    source.logical_id + ": functions on " + given +
                        " are built by a Makefile; add Metadata: {BuildMethod: makefile} to the "
                        "resource");
    }
    return fail("build", source.logical_id + ": Millrace cannot build for '" + given +
                             "'; it builds python3.*, nodejs* and, with BuildMethod makefile, "
                             "anything");
}

Result<void> build_code(machine::Files& files,
                        const std::function<Result<CommandResult>(const Command&)>& run,
                        BuildJob& job) {
    Builder builder(files, run, job);
    MILL_CHECK(builder.build());
    return builder.copy_for_others();
}

}  // namespace mill::cli
