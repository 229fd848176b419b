// SPDX-License-Identifier: Apache-2.0
// sam build: makefile and Python functions into .aws-sam/build.
#include <fmt/format.h>

#include "cli/sam.h"

namespace mill::cli {
namespace {

struct Build {
    Session& session;
    std::string project;  // where the template lies
    std::string output;   // .aws-sam/build, absolute

    Result<void> run(const Command& command, const std::string& what) const {
        MILL_TRY(const CommandResult result, session.run(command));
        if (result.exit_code == 0) return {};
        session.err(result.output);
        return fail("build", what + " failed: exit status " + std::to_string(result.exit_code));
    }
    Result<std::string> absolute(const std::string& path) const {
        MILL_TRY(const CommandResult result, session.run({.argv = {"realpath", "-m", path}}));
        if (result.exit_code != 0) return fail("build", result.output);
        return result.output.substr(0, result.output.find('\n'));
    }
    Result<void> makefile(const FunctionSource& function, const std::string& source,
                          const std::string& artifacts) const;
    Result<void> python(const std::string& source, const std::string& artifacts) const;
};

Result<void> Build::makefile(const FunctionSource& function, const std::string& source,
                             const std::string& artifacts) const {
    const std::string makefile_path = source + "/Makefile";
    if (!session.machine.files.exists(makefile_path))
        return fail("build", "Makefile not found at " + makefile_path);
    const std::string scratch = output + "/../scratch/" + function.logical_id;
    MILL_CHECK(session.machine.files.remove_tree(scratch));
    MILL_CHECK(session.machine.files.make_directories(scratch));
    MILL_CHECK(run({.argv = {"cp", "-a", source + "/.", scratch}}, "copying " + source));
    session.out("Current Artifacts Directory : " + artifacts + "\n");
    Command make{.argv = {"make", "--makefile", makefile_path, "build-" + function.logical_id},
                 .directory = scratch};
    make.environment.emplace_back("ARTIFACTS_DIR", artifacts);
    if (session.variable("MILLRACE_SDK").empty())
        make.environment.emplace_back("MILLRACE_SDK", session.sdk);
    return run(make, "make build-" + function.logical_id);
}

Result<void> Build::python(const std::string& source, const std::string& artifacts) const {
    MILL_CHECK(run({.argv = {"cp", "-a", source + "/.", artifacts}}, "copying " + source));
    const std::string requirements = source + "/requirements.txt";
    if (!session.machine.files.exists(requirements)) {
        session.out(
            session.yellow(
                "requirements.txt file not found. Continuing the build without dependencies.") +
            "\n");
        return {};
    }
    return run(
        {.argv = {"python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                  "--requirement", requirements, "--target", artifacts}},
        "pip install");
}

Result<void> build_function(const Build& build, const FunctionSource& function,
                            wire::Value& document) {
    if (function.code_uri.empty() || function.skip_build || function.code_uri.ends_with(".zip"))
        return {};
    MILL_TRY(const std::string source, build.absolute(join_path(build.project, function.code_uri)));
    if (!build.session.machine.files.exists(source)) {
        return fail("build", function.logical_id + ": its CodeUri " + source + " does not exist");
    }
    build.session.out("Building codeuri: " + source + " runtime: " + function.runtime +
                      " functions: " + function.logical_id + "\n");
    const std::string artifacts = build.output + "/" + function.logical_id;
    MILL_CHECK(build.session.machine.files.remove_tree(artifacts));
    MILL_CHECK(build.session.machine.files.make_directories(artifacts));
    if (function.build_method == "makefile") {
        MILL_CHECK(build.makefile(function, source, artifacts));
    } else if (function.runtime.starts_with("python")) {
        MILL_CHECK(build.python(source, artifacts));
    } else if (function.runtime.starts_with("provided")) {
        return fail(
            "build",
            function.logical_id + ": functions on " + function.runtime +
                " are built by a Makefile; add Metadata: {BuildMethod: makefile} to the resource");
    } else {
        return fail("build",
                    function.logical_id + ": Millrace cannot build for runtime '" +
                        function.runtime +
                        "'; it builds python3.* and, with BuildMethod makefile, provided.*");
    }
    set_code_uri(document, function.logical_id, function.logical_id);
    return {};
}

}  // namespace

Task<Result<void>> sam_build(Session& session, SamOptions options) {
    MILL_CO_TRY(const std::string path, find_template(session.machine.files, options.directory,
                                                      options.get("--template-file")));
    MILL_CO_TRY(auto document, load_template(session.machine.files, path));
    Build build{session, directory_of(path), ""};
    const std::string shown = options.get("--build-dir", ".aws-sam/build");
    MILL_CO_TRY(build.output, build.absolute(join_path(options.directory, shown)));
    const auto functions = functions_of(document);
    const auto& wanted = options.arguments.words();
    for (const FunctionSource& function : functions) {
        if (wanted.empty() || wanted.front() == function.logical_id) {
            MILL_CO_CHECK(build_function(build, function, document));
        } else if (!function.code_uri.empty()) {  // the built template lies elsewhere
            MILL_CO_TRY(const std::string source,
                        build.absolute(join_path(build.project, function.code_uri)));
            set_code_uri(document, function.logical_id, source);
        }
    }
    MILL_CO_CHECK(session.machine.files.make_directories(build.output));
    MILL_CO_CHECK(machine::write_file_durably(
        session.machine.files, build.output + "/template.yaml", wire::write_yaml(document)));
    session.out("\n" + session.green("Build Succeeded") + "\n\nBuilt Artifacts  : " + shown +
                "\nBuilt Template   : " + shown + "/template.yaml\n");
    co_return Result<void>();
}

}  // namespace mill::cli
