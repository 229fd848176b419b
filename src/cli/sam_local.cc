// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_local.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/interruption.h"
#include "cli/local_server.h"
#include "cli/sam_artifacts.h"
#include "cli/stack_resources.h"

namespace mill::cli {
namespace {

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
    MILL_CO_TRY(const auto resources, co_await stack_resources(client, name));
    for (const StackResource& one : resources)
        project.names.physical[one.logical_id] = one.physical_id;
    co_return Result<void>();
}

Result<Project> open_project(Session& session, const SamOptions& options) {
    Project project;
    MILL_TRY(const std::string path, find_built_template(session.machine.files, options));
    MILL_TRY(project.document, load_template(session.machine.files, path));
    project.directory = directory_of(path);
    MILL_TRY(project.target, find_target(session, options));
    project.names.region = project.target.region;
    MILL_TRY(project.stack, stack_name(session, options));
    const std::string file = options.get("--env-vars");
    if (file.empty()) return project;
    MILL_TRY(const Bytes text, machine::read_file(session.machine.files, file));
    auto overrides = wire::parse_json(text);
    if (!overrides || !overrides->members()) {
        return fail("local", "Could not read environment variables overrides from file " + file +
                                 ": it must hold a JSON object");
    }
    project.overrides = *std::move(overrides);
    return project;
}

// What a parameter of the template is if it is given as `value`: what SSM has by that name, if its
// type says so. Without a server or such a name it is the name, as with SAM CLI.
Task<Result<std::string>> meaning_of(Session& session, const Project& project, std::string name,
                                     std::string value) {
    const wire::Value* declared = project.document.find("Parameters");
    declared = declared ? declared->find(name) : nullptr;
    if (!declared || !wire::text_of(*declared, "Type").starts_with("AWS::SSM::Parameter::Value<"))
        co_return value;
    if (project.names.endpoint_url.empty()) co_return value;
    AwsClient client(session.machine, project.target);
    auto answer = co_await client.json("ssm", "AmazonSSM.GetParameter",
                                       wire::Value::Map{{"Name", value}, {"WithDecryption", true}});
    if (answer && answer->find("Parameter"))
        co_return wire::text_of(*answer->find("Parameter"), "Value");
    if (!answer && answer.error().code != "ParameterNotFound")
        co_return std::unexpected(as_client_error(answer.error(), "GetParameter"));
    session.err(session.yellow("Parameter " + name + ": there is no SSM parameter " + value +
                               "; the name itself is used. Give it a value with "
                               "--parameter-overrides, or make it with: aws ssm put-parameter") +
                "\n");
    co_return value;
}

// Before an Interruption: another's server, which may never answer, must not keep Ctrl-C waiting.
Task<Result<void>> look_up_names(Session& session, SamOptions options, Project& project) {
    MILL_CO_CHECK(co_await look_up_stack(session, project));
    std::map<std::string, std::string>& known = project.names.parameters;
    MILL_CO_TRY(const Pairs given, parameter_overrides(session.machine.files, options));
    for (const auto& [name, value] : given) {
        MILL_CO_TRY(known[name], co_await meaning_of(session, project, name, value));
    }
    const wire::Value* declared = project.document.find("Parameters");
    if (!declared || !declared->members()) co_return Result<void>();
    for (const auto& [name, parameter] : *declared->members()) {
        const std::string value = wire::text_of(parameter, "Default");
        if (known.contains(name) || value.empty()) continue;
        MILL_CO_TRY(const std::string meaning, co_await meaning_of(session, project, name, value));
        if (meaning != value) known[name] = meaning;
    }
    co_return Result<void>();
}

// A server that has the functions' folders as they lie: the document says so then.
Result<std::unique_ptr<LocalServer>> start_server(Session& session, Project& project,
                                                  const std::string& listen) {
    LocalServerOptions options{.target = project.target, .listen = listen, .shows_logs = true};
    for (const CodeSource& source : functions_of(project.document)) {
        const std::string path = join_path(project.directory, source.uri);
        const auto entries = session.machine.files.list(path);
        if (source.uri.empty() || !entries || entries->empty()) continue;
        options.more.insert(options.more.end(), {"--code-folder", source.logical_id + "=" + path});
        set_code_uri(project.document, source.logical_id, "s3://code-folders/" + source.logical_id);
    }
    return LocalServer::start(session, std::move(options));
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
    MILL_CO_TRY(Project project, open_project(session, options));
    MILL_CO_CHECK(co_await look_up_names(session, options, project));
    MILL_CO_TRY(const LocalFunction function,
                choose(session, local_functions(project.document, project.names),
                       options.arguments.words()));
    Interruption interruption(session);
    MILL_CO_TRY(const auto server, start_server(session, project, "127.0.0.1:0"));
    session.err(fmt::format("Invoking {} ({})\n", function.handler, function.runtime));
    MILL_CO_TRY(auto document, local_template(project.document, {function}, project.names,
                                              project.overrides, false));
    MILL_CO_CHECK(server->wait_ready());
    MILL_CO_CHECK(co_await server->deploy(std::move(document), project.directory,
                                          project.stack.empty() ? "local" : project.stack));
    Invocation invocation;
    invocation.scope.spawn(call(
        server->client(),
        {.method = "POST",
         .target =
             "/2015-03-31/functions/" + wire::http::percent_encode(function.name) + "/invocations",
         .body = event},
        invocation, interruption.changed));
    while (!invocation.answer && !interruption.interrupted) co_await interruption.changed.wait();
    if (interruption.interrupted) co_return fail("local", "Aborted!");
    MILL_CO_CHECK(*invocation.answer);
    print_answer(session, function, **invocation.answer);
    co_return Result<void>();
}

Task<Result<void>> sam_local_start_lambda(Session& session, SamOptions options) {
    if (!options.arguments.words().empty()) {
        co_return fail("usage",
                       "Got unexpected extra argument (" + options.arguments.words().front() + ")");
    }
    MILL_CO_TRY(Project project, open_project(session, options));
    const std::string listen =
        options.get("--host", "127.0.0.1") + ":" + options.get("--port", "3001");
    MILL_CO_CHECK(co_await look_up_names(session, options, project));
    const auto functions = local_functions(project.document, project.names);
    if (functions.empty()) co_return fail("local", "the template has no functions");
    Interruption interruption(session);
    MILL_CO_TRY(const auto server, start_server(session, project, listen));
    MILL_CO_TRY(auto document, local_template(project.document, functions, project.names,
                                              project.overrides, true));
    if (const auto ready = server->wait_ready(); !ready) {
        co_return fail("local", ready.error().message + " (Here: --host HOST and --port PORT.)");
    }
    MILL_CO_CHECK(co_await server->deploy(std::move(document), project.directory,
                                          project.stack.empty() ? "local" : project.stack));
    session.err(
        "Starting the Local Lambda Service. You can now invoke your Lambda Functions "
        "defined in your template through the endpoint.\n"
        " * Running on http://" +
        server->client().target().endpoint.text() + "\nPress CTRL+C to quit\n");
    while (!interruption.interrupted) co_await interruption.changed.wait();
    co_return Result<void>();
}

}  // namespace mill::cli
