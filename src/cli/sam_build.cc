// SPDX-License-Identifier: Apache-2.0
// sam build: functions and layers into .aws-sam/build.
#include <fmt/format.h>

#include <algorithm>

#include "cli/code_builder.h"
#include "machine/signal.h"

namespace mill::cli {
namespace {

struct Plan {
    std::vector<BuildJob> jobs;
    std::vector<CodeSource> left;  // not to be built; their local paths begin elsewhere then
};

Result<std::string> absolute(Session& session, const std::string& path) {
    MILL_TRY(const CommandResult result, session.run({.argv = {"realpath", "-m", path}}));
    if (result.exit_code != 0) return fail("build", result.output);
    return result.output.substr(0, result.output.find('\n'));
}

Result<std::string> relative(Session& session, const std::string& path, const std::string& to) {
    MILL_TRY(const CommandResult result,
             session.run({.argv = {"realpath", "-m", "--relative-to", to, path}}));
    if (result.exit_code != 0) return fail("build", result.output);
    return result.output.substr(0, result.output.find('\n'));
}

bool is_buildable(const CodeSource& source) {
    if (source.uri.empty() || source.skip_build || source.uri.ends_with(".zip")) return false;
    return !source.is_layer() || !source.build_method.empty();
}

// Makefiles make one function each; others that are equal are built once, and copied.
bool shares(const BuildJob& job, const CodeSource& source) {
    const CodeSource& first = job.first();
    return source.build_method != "makefile" && !source.is_layer() && !first.is_layer() &&
           first.uri == source.uri && first.runtime == source.runtime &&
           first.build_method == source.build_method && first.architecture == source.architecture;
}

Failure unknown_resource(Session& session, const std::vector<CodeSource>& sources,
                         const std::string& wanted) {
    std::string list;
    for (const CodeSource& one : sources)
        list += (list.empty() ? "'" : ", '") + one.logical_id + "'";
    session.err(wanted + " not found. Possible options in your template: [" + list + "]\n");
    return fail("build", "Unable to find a function or layer with name '" + wanted + "'");
}

void tell_of_computed(Session& session, const std::vector<CodeSource>& sources) {
    for (const CodeSource& one : sources) {
        if (!one.is_computed || one.skip_build) continue;
        session.err(session.yellow(fmt::format(
                        "{} is not built: its {} is known only to CloudFormation. Give it as a "
                        "path, or as Ref to a parameter with a Default or --parameter-overrides.",
                        one.logical_id, one.property())) +
                    "\n");
    }
}

struct Folders {
    std::string project;  // where local paths begin
    std::string shown;    // the build folder as given
    std::string output;   // the same, absolute
    std::string cache;    // absolute, empty if not wanted
    std::string manifest;
};

Result<Folders> folders_of(Session& session, const SamOptions& options, const std::string& path) {
    Folders folders{.project = join_path(options.directory, options.get("--base-dir")),
                    .shown = options.get("--build-dir", ".aws-sam/build")};
    if (options.get("--base-dir").empty()) folders.project = directory_of(path);
    MILL_TRY(folders.output, absolute(session, join_path(options.directory, folders.shown)));
    if (options.flag("--cached")) {
        MILL_TRY(folders.cache,
                 absolute(session, join_path(options.directory,
                                             options.get("--cache-dir", ".aws-sam/cache"))));
    }
    if (const std::string manifest = options.get("--manifest"); !manifest.empty()) {
        MILL_TRY(folders.manifest, absolute(session, join_path(options.directory, manifest)));
    }
    return folders;
}

Result<Plan> make_plan(Session& session, const SamOptions& options, const Folders& folders,
                       const std::vector<CodeSource>& sources) {
    Plan plan;
    const auto& words = options.arguments.words();
    const std::vector<std::string> excluded = options.all("--exclude");
    if (!words.empty() &&
        std::ranges::find(sources, words.front(), &CodeSource::logical_id) == sources.end())
        return unknown_resource(session, sources, words.front());
    for (const CodeSource& source : sources) {
        const bool is_wanted = (words.empty() || words.front() == source.logical_id) &&
                               std::ranges::find(excluded, source.logical_id) == excluded.end();
        if (!is_wanted || !is_buildable(source)) {
            if (!source.uri.empty()) plan.left.push_back(source);
            continue;
        }
        const auto same = std::ranges::find_if(
            plan.jobs, [&](const BuildJob& job) { return shares(job, source); });
        if (same != plan.jobs.end()) {
            same->sources.push_back(source);
            continue;
        }
        BuildJob job{.sources = {source},
                     .artifacts = folders.output + "/" + source.logical_id,
                     .scratch = folders.output + ".scratch",
                     .cache = folders.cache,
                     .manifest = folders.manifest};
        if (session.variable("MILLRACE_SDK").empty()) job.sdk = session.sdk;
        MILL_TRY(job.source, absolute(session, join_path(folders.project, source.uri)));
        if (!session.machine.files.exists(job.source)) {
            return fail("build",
                        source.logical_id + ": its code " + job.source + " does not exist");
        }
        plan.jobs.push_back(std::move(job));
    }
    return plan;
}

struct Running {
    BuildJob job;
    machine::OneShot<bool> done;
    Result<void> result = {};
};

// In a thread beside the executor.
Task<void> run_job(Session& session, std::shared_ptr<Running> running) {
    co_await machine::offload(session.machine.executor,
                              [&files = session.machine.files, run = session.run, running] {
                                  running->result = build_code(files, run, running->job);
                              });
    running->done.set(true);
}

void announce(Session& session, const BuildJob& job) {
    const CodeSource& first = job.first();
    session.err(
        first.is_layer()
            ? "Building layer '" + first.logical_id + "'\n"
            : fmt::format("Building codeuri: {} runtime: {} architecture: {} functions: {}\n",
                          job.source, first.runtime, first.architecture, job.names()));
}

Task<Result<void>> run_jobs(Session& session, std::vector<BuildJob> jobs, bool in_parallel) {
    std::vector<std::shared_ptr<Running>> all;
    Scope scope;
    for (BuildJob& job : jobs) {
        announce(session, job);
        auto running = std::make_shared<Running>(std::move(job),
                                                 machine::OneShot<bool>(session.machine.executor));
        scope.spawn(run_job(session, running));
        all.push_back(running);
        if (in_parallel) continue;
        co_await running->done.take();
        if (!running->result) break;
    }
    Result<void> result;
    for (const auto& running : all) {
        if (in_parallel) co_await running->done.take();
        session.err(running->job.story);
        if (result && !running->result) result = running->result;
    }
    co_return result;
}

void print_success(Session& session, const std::string& shown) {
    const std::string more = shown == ".aws-sam/build" ? "" : " -t " + shown + "/template.yaml";
    session.out(
        "\n" + session.green("Build Succeeded") + "\n" +
        session.yellow(fmt::format(
            "\nBuilt Artifacts  : {0}\nBuilt Template   : {0}/template.yaml\n\n"
            "Commands you can use next\n=========================\n"
            "[*] Validate SAM template: {1} validate\n"
            "[*] Invoke Function: {1} local invoke{2}\n"
            "[*] Test Function in the Cloud: {1} sync --stack-name {{{{stack-name}}}} --watch\n"
            "[*] Deploy: {1} deploy --guided{3}\n",
            shown, session.name, more,
            more.empty() ? "" : " --template-file " + shown + "/template.yaml")));
}

Task<Result<Folders>> build(Session& session, SamOptions options) {
    machine::Files& files = session.machine.files;
    MILL_CO_TRY(const std::string path,
                find_template(files, options.directory, options.get("--template-file")));
    MILL_CO_TRY(auto document, load_template(files, path));
    MILL_CO_TRY(Folders folders, folders_of(session, options, path));
    MILL_CO_TRY(const Pairs parameters, parameter_overrides(files, options));
    const auto sources = sources_of(with_parameters(document, parameters));
    tell_of_computed(session, sources);
    MILL_CO_TRY(Plan plan, make_plan(session, options, folders, sources));
    MILL_CO_CHECK(files.remove_tree(folders.output));
    MILL_CO_CHECK(files.make_directories(folders.output));
    for (const BuildJob& job : plan.jobs) {
        for (const CodeSource& source : job.sources)
            set_code_uri(document, source.logical_id, source.logical_id);
    }
    for (const CodeSource& source : plan.left) {  // the built template lies elsewhere
        MILL_CO_TRY(const std::string uri,
                    relative(session, join_path(folders.project, source.uri), folders.output));
        set_code_uri(document, source.logical_id, uri);
    }
    MILL_CO_CHECK(co_await run_jobs(session, std::move(plan.jobs), options.flag("--parallel")));
    MILL_CO_CHECK(files.remove_tree(folders.output + ".scratch"));
    MILL_CO_CHECK(machine::write_file_durably(files, folders.output + "/template.yaml",
                                              wire::write_yaml(document)));
    co_return folders;
}

}  // namespace

Task<Result<std::string>> build_project(Session& session, SamOptions options) {
    MILL_CO_TRY(const Folders folders, co_await build(session, std::move(options)));
    co_return folders.output + "/template.yaml";
}

Task<Result<void>> sam_build(Session& session, SamOptions options) {
    const auto folders = co_await build(session, std::move(options));
    if (!folders) {
        if (folders.error().code == "build") session.out("\n" + session.red("Build Failed") + "\n");
        co_return std::unexpected(folders.error());
    }
    print_success(session, folders->shown);
    co_return Result<void>();
}

}  // namespace mill::cli
