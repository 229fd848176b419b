// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_local.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/interruption.h"
#include "cli/local_server.h"
#include "cli/log_cursor.h"

namespace mill::cli {
namespace {

constexpr auto log_interval = std::chrono::milliseconds(20);
constexpr auto tail_interval = std::chrono::milliseconds(100);
// How long the last lines of an invocation may come after its answer.
constexpr auto report_deadline = std::chrono::seconds(2);

struct Project {
    wire::Value document;
    std::string directory;
    wire::Value overrides;  // of --env-vars
    LocalNames names;
    std::string stack;
    Target target;  // of the usual server
};

// `sam deploy --guided` keeps the stack's name among the options of deploy.
Result<std::string> stack_name(Session& session, const SamOptions& options) {
    if (const std::string given = options.get("--stack-name"); !given.empty()) return given;
    SamOptions deploy;
    MILL_TRY(deploy.config, load_sam_config(session.machine.files, options.config_file(),
                                            options.config_env(), "deploy"));
    return deploy.get("--stack-name");
}

Result<void> override_parameters(machine::Files& files, const SamOptions& options,
                                 LocalNames& names) {
    MILL_TRY(auto given, parameter_overrides(files, options));
    for (auto& [name, value] : given) names.parameters[std::move(name)] = std::move(value);
    return {};
}

// What the deployed stack says about the template's names. A server that does not answer and a
// stack that is not there leave the template's own.
Task<Result<void>> look_up_stack(Session& session, Project& project) {
    AwsClient client(session.machine, project.target);
    // Without a stack to ask for: does a server answer?
    const std::string name = project.stack.empty() ? "none" : project.stack;
    auto stack = co_await cloudformation(client, "DescribeStacks", {{"StackName", name}});
    if (!stack && stack.error().code == "net.unreachable") {
        session.err(session.yellow("No Millrace server answers at http://" +
                                   project.target.endpoint.text() +
                                   ": the function finds none of the template's resources.") +
                    "\n");
        co_return Result<void>();
    }
    project.names.endpoint_url = "http://" + project.target.endpoint.text();
    if (project.stack.empty()) co_return Result<void>();
    if (!stack && stack.error().code == "ValidationError") co_return Result<void>();  // no stack
    if (!stack) co_return std::unexpected(stack.error());
    const auto& stacks = wire::list_of(*stack, "Stacks");
    if (stacks.empty()) co_return Result<void>();
    // arn:aws:cloudformation:region:account:stack/name/id
    std::string id = wire::text_of(stacks.front(), "StackId");
    for (int colon = 0; colon < 4; ++colon) id.erase(0, id.find(':') + 1);
    project.names.account = id.substr(0, id.find(':'));
    const wire::Value* declared = project.document.find("Parameters");
    for (const wire::Value& parameter : wire::list_of(stacks.front(), "Parameters")) {
        const std::string key = wire::text_of(parameter, "ParameterKey");
        if (!declared || !declared->find(key)) continue;
        const std::string value =
            wire::text_of(parameter, "ResolvedValue", wire::text_of(parameter, "ParameterValue"));
        // The server does not tell it: the template's default or --parameter-overrides does.
        if (declared->find(key)->find("NoEcho") && value == "****") continue;
        project.names.parameters[key] = value;
    }
    MILL_CO_TRY(const auto resources,
                co_await cloudformation(client, "DescribeStackResources", {{"StackName", name}}));
    for (const wire::Value& resource : wire::list_of(resources, "StackResources")) {
        project.names.physical[wire::text_of(resource, "LogicalResourceId")] =
            wire::text_of(resource, "PhysicalResourceId");
    }
    co_return Result<void>();
}

Task<Result<Project>> open_project(Session& session, SamOptions options) {
    Project project;
    MILL_CO_TRY(const std::string path, find_built_template(session.machine.files, options));
    MILL_CO_TRY(project.document, load_template(session.machine.files, path));
    project.directory = directory_of(path);
    MILL_CO_TRY(project.target,
                find_target(session, options.get("--endpoint-url"), options.get("--region")));
    project.names.region = project.target.region;
    MILL_CO_TRY(project.stack, stack_name(session, options));
    if (const std::string file = options.get("--env-vars"); !file.empty()) {
        MILL_CO_TRY(const Bytes text, machine::read_file(session.machine.files, file));
        auto overrides = wire::parse_json(text);
        if (!overrides || !overrides->members()) {
            co_return fail("local", "Could not read environment variables overrides from file " +
                                        file + ": it must hold a JSON object");
        }
        project.overrides = *std::move(overrides);
    }
    MILL_CO_CHECK(co_await look_up_stack(session, project));
    MILL_CO_CHECK(override_parameters(session.machine.files, options, project.names));
    co_return project;
}

// Prints what the functions write, to stderr.
class LogPrinter {
  public:
    LogPrinter(Session& session, AwsClient client, const std::vector<LocalFunction>& functions)
        : session_(session), client_(std::move(client)) {
        for (const LocalFunction& function : functions)
            cursors_.push_back({.group = "/aws/lambda/" + function.name});
    }
    Task<Result<void>> print_new();
    // True once the last line about this request has been printed.
    bool has_report(const std::string& request_id) const { return reported_.contains(request_id); }

  private:
    Session& session_;
    AwsClient client_;
    std::vector<LogCursor> cursors_;
    std::set<std::string> reported_;
};

Task<Result<void>> LogPrinter::print_new() {
    constexpr std::string_view report = "REPORT RequestId: ";
    for (LogCursor& cursor : cursors_) {
        MILL_CO_TRY(const auto events, co_await new_events(client_, cursor));
        for (const wire::Value& event : events) {
            std::string message = wire::text_of(event, "message");
            while (message.ends_with('\n')) message.pop_back();
            if (message.starts_with("INIT_START ")) continue;  // as SAM CLI
            session_.err(message + "\n");
            if (!message.starts_with(report)) continue;
            const std::string id = message.substr(report.size());
            reported_.insert(id.substr(0, id.find('\t')));
        }
    }
    co_return Result<void>();
}

struct Invocation {
    std::optional<Result<wire::http::Response>> answer;
    Scope scope;
};

Task<void> call(AwsClient client, wire::http::Request request, Invocation& invocation,
                machine::Signal& changed) {
    invocation.answer = co_await client.rest("lambda", std::move(request));
    changed.notify_all();
}

Result<LocalFunction> choose(Session& session, const std::vector<LocalFunction>& functions,
                             const std::vector<std::string>& words) {
    std::vector<std::string> ids;
    for (const LocalFunction& function : functions) ids.push_back("'" + function.logical_id + "'");
    const std::string list = fmt::format("[{}]", fmt::join(ids, ", "));
    if (words.size() > 1) return fail("usage", "Got unexpected extra argument (" + words[1] + ")");
    if (words.empty()) {
        if (functions.size() == 1) return functions.front();
        return fail("local",
                    "You must provide a function logical ID when there are more than one functions "
                    "in your template. Possible options in your template: " +
                        list);
    }
    const std::string wanted = words.front().substr(words.front().rfind(':') + 1);  // of an ARN
    for (const LocalFunction& function : functions) {
        if (function.logical_id == wanted || function.name == wanted) return function;
    }
    session.err(words.front() + " not found. Possible options in your template: " + list + "\n");
    return fail("local", "Function " + words.front() + " not found in template");
}

Result<Bytes> read_event(Session& session, const std::string& file) {
    if (file.empty()) return Bytes("{}");
    if (file == "-") {
        session.err(
            "Reading invoke payload from stdin (you can also pass it from file with "
            "--event)\n");
        return session.read_all();
    }
    if (!session.machine.files.exists(file))
        return fail("local", "No such file or directory: '" + file + "'");
    return machine::read_file(session.machine.files, file);
}

// As SAM CLI: what a function answers, an error too, is the answer, and all is well.
void print_answer(Session& session, const LocalFunction& function,
                  const wire::http::Response& answer) {
    const auto body = wire::parse_json(answer.body);
    if (body && answer.headers.find("x-amz-function-error") &&
        wire::text_of(*body, "errorType") == "Sandbox.Timedout") {
        const std::string message = wire::text_of(*body, "errorMessage");
        const std::size_t after = message.rfind(" after ");
        const double seconds = after == std::string::npos ? 0 : std::atof(&message[after + 7]);
        session.err(fmt::format("Function '{}' timed out after {:.0f} seconds\n",
                                function.logical_id, seconds));
        return;
    }
    session.out(answer.body + "\n");
}

}  // namespace

Task<Result<void>> sam_local_invoke(Session& session, SamOptions options) {
    MILL_CO_TRY(const Bytes event, read_event(session, options.get("--event")));
    MILL_CO_TRY(const Project project, co_await open_project(session, options));
    MILL_CO_TRY(const LocalFunction function,
                choose(session, local_functions(project.document, project.names),
                       options.arguments.words()));
    session.err(fmt::format("Invoking {} ({})\n", function.handler, function.runtime));
    MILL_CO_TRY(auto document, local_template(project.document, {function}, project.names,
                                              project.overrides, false));
    LocalServer server(session);
    Interruption interruption(session);
    MILL_CO_CHECK(server.start("127.0.0.1:0", project.target));
    MILL_CO_CHECK(co_await server.deploy(std::move(document), project.directory,
                                         project.stack.empty() ? "local" : project.stack));
    LogPrinter logs(session, server.client(), {function});
    Invocation invocation;
    invocation.scope.spawn(call(
        server.client(),
        {.method = "POST",
         .target =
             "/2015-03-31/functions/" + wire::http::percent_encode(function.name) + "/invocations",
         .body = event},
        invocation, interruption.changed));
    std::optional<Instant> deadline;
    while (!interruption.interrupted) {
        MILL_CO_CHECK(co_await logs.print_new());
        const Instant now = session.machine.clock.now();
        if (invocation.answer) {
            MILL_CO_CHECK(*invocation.answer);
            if (!deadline) deadline = now + report_deadline;
            if (logs.has_report((*invocation.answer)->headers.get("x-amzn-requestid")) ||
                now > *deadline) {
                print_answer(session, function, **invocation.answer);
                co_return Result<void>();
            }
        }
        co_await interruption.changed.wait_until(session.machine.timers, now + log_interval);
    }
    co_return fail("local", "Aborted!");
}

Task<Result<void>> sam_local_start_lambda(Session& session, SamOptions options) {
    if (!options.arguments.words().empty()) {
        co_return fail("usage",
                       "Got unexpected extra argument (" + options.arguments.words().front() + ")");
    }
    MILL_CO_TRY(const Project project, co_await open_project(session, options));
    const auto functions = local_functions(project.document, project.names);
    if (functions.empty()) co_return fail("local", "the template has no functions");
    MILL_CO_TRY(auto document, local_template(project.document, functions, project.names,
                                              project.overrides, true));
    const std::string listen =
        options.get("--host", "127.0.0.1") + ":" + options.get("--port", "3001");
    LocalServer server(session);
    Interruption interruption(session);
    if (const auto started = server.start(listen, project.target); !started) {
        co_return fail("local", started.error().message + " (Here: --host HOST and --port PORT.)");
    }
    MILL_CO_CHECK(co_await server.deploy(std::move(document), project.directory,
                                         project.stack.empty() ? "local" : project.stack));
    session.err(
        "Starting the Local Lambda Service. You can now invoke your Lambda Functions "
        "defined in your template through the endpoint.\n"
        " * Running on http://" +
        server.client().target().endpoint.text() + "\nPress CTRL+C to quit\n");
    LogPrinter logs(session, server.client(), under_both_names(functions));
    while (!interruption.interrupted) {
        // Ctrl-C reaches the server too.
        if (auto printed = co_await logs.print_new(); !printed && !interruption.interrupted)
            co_return std::unexpected(printed.error());
        co_await interruption.changed.wait_until(session.machine.timers,
                                                 session.machine.clock.now() + tail_interval);
    }
    co_return Result<void>();
}

}  // namespace mill::cli
