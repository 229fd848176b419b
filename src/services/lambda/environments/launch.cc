// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/environments/launch.h"

#include <fmt/format.h>

#include "services/lambda/functions/runtime_names.h"

namespace mill::lambda {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

void set(Variables& variables, const std::string& name, const std::string& value) {
    for (auto& [known, old] : variables) {
        if (known == name) {
            old = value;
            return;
        }
    }
    variables.emplace_back(name, value);
}

Variables variables_of(const Function& function, const LaunchFacts& facts, RuntimeKind kind) {
    Variables out = {// The access key of an account's functions is the account's id, so that their
                     // calls land in that account.
                     {"AWS_ACCESS_KEY_ID", function.account},
                     {"AWS_SECRET_ACCESS_KEY", "test"},
                     {"AWS_SESSION_TOKEN", "test"},
                     {"AWS_REGION", function.region},
                     {"AWS_DEFAULT_REGION", function.region},
                     {"AWS_ENDPOINT_URL", facts.endpoint_url},
                     {"AWS_EC2_METADATA_DISABLED", "true"},
                     {"AWS_LAMBDA_FUNCTION_NAME", function.name},
                     {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(function.memory_mb)},
                     {"AWS_LAMBDA_FUNCTION_VERSION", function.version},
                     {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
                     {"AWS_LAMBDA_LOG_GROUP_NAME", facts.log_group},
                     {"AWS_LAMBDA_LOG_STREAM_NAME", facts.log_stream},
                     {"AWS_LAMBDA_RUNTIME_API", facts.runtime_api},
                     {"AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"},
                     {"AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1:2000"},
                     {"_AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1"},
                     {"_AWS_XRAY_DAEMON_PORT", "2000"},
                     {"LAMBDA_RUNTIME_DIR", "/var/runtime"},
                     {"LAMBDA_TASK_ROOT", "/var/task"},
                     {"LANG", "en_US.UTF-8"},
                     {"TZ", ":UTC"},
                     {"_HANDLER", function.handler},
                     {"PWD", "/var/task"},
                     {"SHLVL", "0"},
                     {"LD_LIBRARY_PATH",
                      "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/"
                      "var/task/lib:/opt/lib"},
                     {"PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"}};
    if (kind == RuntimeKind::python) {
        out.emplace_back("AWS_EXECUTION_ENV", "AWS_Lambda_" + function.runtime);
        out.emplace_back("PYTHONPATH", "/var/runtime");
        out.emplace_back("LC_CTYPE", "C.UTF-8");
    }
    if (function.variables) {
        for (const auto& [name, value] : *function.variables) set(out, name, value);
    }
    return out;
}

bool has_layer_file(Machine& machine, const LaunchFacts& facts, std::string_view path) {
    return !facts.layer_tree.empty() && machine.files.exists(facts.layer_tree + std::string(path));
}

Result<PlannedLaunch> plan_provided(Machine& machine, const LaunchFacts& facts) {
    if (machine.files.exists(facts.code_tree + "/bootstrap"))
        return PlannedLaunch{.launch = {.argv = {"/var/task/bootstrap"}}, .warning = {}};
    if (has_layer_file(machine, facts, "/bootstrap"))
        return PlannedLaunch{.launch = {.argv = {"/opt/bootstrap"}}, .warning = {}};
    return fail("Runtime.InvalidEntrypoint",
                "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
}

Task<Result<PlannedLaunch>> plan_python(Machine& machine, const Function& function,
                                        const LaunchFacts& facts) {
    const std::string wanted(python_version(function.runtime));
    const auto found = co_await machine.processes.find_interpreter("python3", wanted);
    if (!found && found.error().code == "process.timeout") {
        co_return fail(
            "Runtime.InvalidEntrypoint",
            fmt::format("no Python found to run {}: {}", function.runtime, found.error().message));
    }
    if (!found) {
        co_return fail(
            "Runtime.InvalidEntrypoint",
            fmt::format(
                "no python3 on this machine to run {}. Install it: apt-get install python3 ({})",
                function.runtime, found.error().message));
    }
    PlannedLaunch plan;
    if (!(found->version + ".").starts_with(wanted + ".")) {
        plan.warning = fmt::format("{} runs on {} {}: there is no Python {} on this machine",
                                   function.runtime, found->path, found->version, wanted);
    }
    // -u: what was printed is in the log even if the process ends in the middle.
    plan.launch.argv = {found->path, "-u", "/var/runtime/bootstrap.py"};
    if (!facts.layer_tree.empty()) plan.launch.argv.push_back("/opt");
    plan.launch.mounts.push_back({facts.runtimes + "/python", "/var/runtime", false});
    co_return plan;
}

}  // namespace

Task<Result<PlannedLaunch>> plan_launch(Machine& machine, const Function& function,
                                        const LaunchFacts& facts) {
    MILL_CO_TRY(const RuntimeKind kind, runtime_kind(function.runtime));
    MILL_CO_TRY(PlannedLaunch plan, kind == RuntimeKind::python
                                        ? co_await plan_python(machine, function, facts)
                                        : plan_provided(machine, facts));
    plan.launch.mounts.push_back({facts.code_tree, "/var/task", false});
    plan.launch.mounts.push_back({facts.scratch, "/tmp", true});
    if (!facts.layer_tree.empty()) plan.launch.mounts.push_back({facts.layer_tree, "/opt", false});
    if (has_layer_file(machine, facts, "/extensions")) {
        if (!plan.warning.empty()) plan.warning += "; ";
        plan.warning += "the extensions of its layers are not started: Millrace has none yet";
    }
    plan.launch.variables = variables_of(function, facts, kind);
    co_return plan;
}

}  // namespace mill::lambda
