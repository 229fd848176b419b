// SPDX-License-Identifier: Apache-2.0
#include "cli/sam.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/command_line.h"
#include "cli/sam_local.h"

namespace mill::cli {
namespace {

// The version whose flags and texts these are.
constexpr std::string_view sam_version = "1.170.0";

struct SamVerb {
    std::string_view name;  // "local invoke"
    std::string_view summary;
    Task<Result<void>> (*run)(Session&, SamOptions);
    OptionNames options;  // others are refused instead of being ignored
    std::string_view words = {};
    std::string_view examples;
    std::string_view section = {};  // of samconfig.toml, where it is not the verb's own
};

const OptionNames deploy_options = {"--guided/-g",
                                    "--template-file/-t",
                                    "--stack-name",
                                    "--s3-bucket",
                                    "--s3-prefix",
                                    "--resolve-s3",
                                    "--capabilities",
                                    "--parameter-overrides",
                                    "--tags",
                                    "--confirm-changeset",
                                    "--no-execute-changeset",
                                    "--fail-on-empty-changeset",
                                    "--disable-rollback",
                                    "--on-failure",
                                    "--max-wait-duration",
                                    "--role-arn",
                                    "--notification-arns",
                                    "--force-upload",
                                    "--kms-key-id",
                                    "--metadata",
                                    "--no-progressbar",
                                    "--use-json",
                                    "--express",
                                    "--signing-profiles",
                                    "--image-repository",
                                    "--image-repositories",
                                    "--resolve-image-repos"};

const std::vector<SamVerb>& verbs() {
    static const std::vector<SamVerb> all = {
        {.name = "init",
         .summary = "Makes a project: orders by way of a Kinesis stream, in C++ or Python.",
         .run = &sam_init,
         .options = {"--name/-n", "--runtime/-r", "--dependency-manager/-d", "--app-template",
                     "--package-type/-p", "--architecture/-a", "--output-dir/-o",
                     "--no-interactive", "--location/-l", "--base-image/-i", "--tracing"},
         .examples = "sam init --name shop --runtime python3.13 --dependency-manager pip "
                     "--app-template orders"},
        {.name = "validate",
         .summary = "Says whether CloudFormation would take the template.",
         .run = &sam_validate,
         .options = {"--template-file/-t", "--lint"},
         .examples = "sam validate\nsam validate --template other.yaml"},
        {.name = "build",
         .summary = "Builds functions and layers into .aws-sam/build.",
         .run = &sam_build,
         .options = {"--template-file/-t", "--build-dir/-b", "--base-dir/-s", "--cached/-c",
                     "--cache-dir", "--parallel/-p", "--manifest/-m", "--exclude/-x",
                     "--parameter-overrides", "--use-container/-u", "--build-image",
                     "--container-env-var", "--container-env-var-file", "--build-in-source",
                     "--skip-pull-image", "--skip-prepare-infra"},
         .words = " [RESOURCE_LOGICAL_ID]",
         .examples = "sam build\nsam build LambdaProducer\nsam build --cached --parallel"},
        {.name = "package",
         .summary = "Uploads code, and writes the template that names it.",
         .run = &sam_package,
         .options = {"--template-file/-t", "--output-template-file", "--s3-bucket", "--s3-prefix",
                     "--resolve-s3", "--use-json", "--force-upload", "--kms-key-id", "--metadata",
                     "--no-progressbar", "--signing-profiles", "--image-repository",
                     "--image-repositories"},
         .examples = "sam package --resolve-s3 --output-template-file packaged.yaml"},
        {.name = "deploy",
         .summary = "Makes or changes the stack.",
         .run = &sam_deploy,
         .options = deploy_options,
         .examples = "sam deploy --guided\nsam deploy --stack-name shop --resolve-s3 "
                     "--capabilities CAPABILITY_IAM\nsam deploy --parameter-overrides Shards=2 "
                     "Name=\"two words\""},
        {.name = "sync",
         .summary =
             "Brings the stack to what the project says; code goes to the functions at once.",
         .run = &sam_sync,
         .options = {"--template-file/-t",
                     "--stack-name",
                     "--code",
                     "--watch",
                     "--resource-id",
                     "--resource",
                     "--watch-exclude",
                     "--skip-deploy-sync",
                     "--s3-bucket",
                     "--s3-prefix",
                     "--kms-key-id",
                     "--metadata",
                     "--capabilities",
                     "--parameter-overrides",
                     "--tags",
                     "--role-arn",
                     "--notification-arns",
                     "--base-dir/-s",
                     "--use-container/-u",
                     "--build-image",
                     "--build-in-source",
                     "--container-env-var-file",
                     "--dependency-layer",
                     "--express",
                     "--image-repository",
                     "--image-repositories"},
         .examples = "sam sync --stack-name shop --watch\nsam sync --stack-name shop --code "
                     "--resource-id LambdaProducer"},
        {.name = "list resources",
         .summary = "The resources of the template, with their names in the stack.",
         .run = &sam_list_resources,
         .options = {"--stack-name", "--output", "--template-file/-t", "--parameter-overrides"},
         .examples = "sam list resources --stack-name shop --output json"},
        {.name = "list endpoints",
         .summary = "The functions, with their URLs.",
         .run = &sam_list_endpoints,
         .options = {"--stack-name", "--output", "--template-file/-t", "--parameter-overrides"},
         .examples = "sam list endpoints --stack-name shop"},
        {.name = "list stack-outputs",
         .summary = "The outputs of the stack.",
         .run = &sam_list_outputs,
         .options = {"--stack-name", "--output"},
         .examples = "sam list stack-outputs --stack-name shop --output json"},
        {.name = "logs",
         .summary = "Log events of the stack's functions.",
         .run = &sam_logs,
         .options = {"--name/-n", "--stack-name", "--filter", "--start-time/-s", "--end-time/-e",
                     "--output", "--tail/-t", "--cw-log-group", "--include-traces/-i"},
         .examples = "sam logs --name LambdaConsumer --tail\nsam logs --stack-name shop "
                     "--start-time '2 hours ago' --filter ERROR"},
        {.name = "remote invoke",
         .summary = "Calls the deployed function: its log to stderr, its answer to stdout.",
         .run = &sam_remote_invoke,
         .options = {"--stack-name", "--event/-e", "--event-file", "--output", "--parameter"},
         .words = " [RESOURCE_ID]",
         .examples = "sam remote invoke LambdaProducer --event '{\"quantity\": 3}'"},
        {.name = "local invoke",
         .summary = "Runs a function here: its log to stderr, its answer to stdout.",
         .run = &sam_local_invoke,
         .options = {"--event/-e", "--no-event", "--env-vars/-n", "--template-file/-t",
                     "--parameter-overrides", "--stack-name", "--skip-pull-image",
                     "--docker-network", "--container-env-vars"},
         .words = " [FUNCTION_LOGICAL_ID]",
         .examples = "sam local invoke LambdaProducer --event events/order.json\nsam local "
                     "generate-event kinesis | sam local invoke LambdaConsumer --event -"},
        {.name = "local start-lambda",
         .summary = "An endpoint for aws lambda invoke, until Ctrl-C.",
         .run = &sam_local_start_lambda,
         .options = {"--host", "--port/-p", "--env-vars/-n", "--template-file/-t",
                     "--parameter-overrides", "--stack-name", "--warm-containers",
                     "--skip-pull-image", "--docker-network", "--container-env-vars"},
         .examples = "sam local start-lambda\naws lambda invoke --endpoint-url "
                     "http://127.0.0.1:3001 --function-name LambdaProducer output.json"},
        {.name = "delete",
         .summary = "Deletes the stack, and what was uploaded for it.",
         .run = &sam_delete,
         .options = {"--stack-name", "--no-prompts", "--s3-bucket", "--s3-prefix", "--express"},
         .examples = "sam delete --stack-name shop --no-prompts",
         .section = "deploy"},
    };
    return all;
}

// Verbs of SAM CLI that make no sense here.
constexpr std::pair<std::string_view, std::string_view> refused_verbs[] = {
    {"local start-api",
     "Millrace has no API Gateway; give the function a FunctionUrlConfig and deploy it, or call it "
     "by: sam local start-lambda"},
    {"local callback", "Millrace runs no durable functions"},
    {"local execution", "Millrace runs no durable functions"},
    {"pipeline", "Millrace sets up no CI; call sam build and sam deploy from yours"},
    {"publish", "Millrace has no Serverless Application Repository"},
    {"traces", "Millrace records no X-Ray traces; see: sam logs"},
    {"docs", "the commands are told by: sam --help"},
    {"remote test-event", "Millrace keeps no test events; keep them in files for --event-file"},
    {"remote callback", "Millrace runs no durable functions"},
    {"remote execution", "Millrace runs no durable functions"}};

std::string examples_of(std::string_view lines, const std::string& name) {
    std::string text;
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', at), lines.size());
        std::string line(lines.substr(at, end - at));
        for (std::size_t sam = line.find("sam "); sam != std::string::npos;
             sam = line.find("sam ", sam + name.size())) {
            if (sam == 0 || line[sam - 1] == ' ') line.replace(sam, 3, name);
        }
        text += "  " + line + "\n";
        at = end + 1;
    }
    return text;
}

std::string help_of(const Session& session, const SamVerb& verb) {
    return fmt::format(
        "Usage: {} {} [OPTIONS]{}\n\n{}\n\nOptions (also from samconfig.toml):\n{}\n"
        "Examples:\n{}",
        session.name, verb.name, verb.words, verb.summary, describe_sam_options(verb.options),
        examples_of(verb.examples, session.name));
}

std::string overview(const std::string& name) {
    std::string text = "Usage: " + name +
                       " COMMAND [OPTIONS]\n\nThe SAM commands without SAM CLI or Docker, on a "
                       "Millrace server.\n\nCommands:\n";
    for (const SamVerb& verb : verbs())
        text += fmt::format("  {:<21}{}\n", verb.name, verb.summary);
    text += fmt::format("  {:<21}{}\n", "local generate-event",
                        "An event as a service sends it to a function.");
    text += fmt::format("  {:<21}{}\n", "install-shim DIR",
                        "Makes DIR/sam, by which these commands are called sam.");
    text += "\n'" + name + " COMMAND --help' tells the options.\n\nExamples:\n" +
            examples_of(
                "sam build && sam deploy --guided\nsam local generate-event kinesis | sam "
                "local invoke LambdaConsumer --event -\nsam logs --name LambdaConsumer "
                "--tail\nsam delete --no-prompts",
                name) +
            "\nVariables: SAM_TEMPLATE_FILE (--template-file), SAM_CLI_POLL_DELAY (seconds between "
            "two looks at a stack), SAM_CLI_NO_COLOR; SAM_CLI_TELEMETRY is not needed, nothing is "
            "sent.\n";
    return text;
}

bool asks_help(const std::vector<std::string>& words) {
    return std::ranges::any_of(words, [](const auto& w) { return w == "--help" || w == "-h"; });
}

// "local", "remote" and "list" have commands of their own.
bool is_group(std::string_view name) {
    return name == "local" || name == "remote" || name == "list";
}

const SamVerb* find_verb(std::string_view name) {
    const auto found = std::ranges::find(verbs(), name, &SamVerb::name);
    return found == verbs().end() ? nullptr : &*found;
}

// What stands above an error of usage, as Click has it.
std::string usage_of(const Session& session, const std::string& name) {
    if (const SamVerb* verb = find_verb(name)) {
        return fmt::format("Usage: {0} {1} [OPTIONS]{2}\nTry '{0} {1} -h' for help.\n\n",
                           session.name, name, verb->words);
    }
    std::string group = session.name;
    if (const std::string first = name.substr(0, name.find(' ')); is_group(first))
        group += " " + first;
    return fmt::format("Usage: {0} [OPTIONS] COMMAND [ARGS]...\nTry '{0} -h' for help.\n\n", group);
}

Failure unknown_verb(const std::string& name) {
    for (const auto& [refused, reason] : refused_verbs) {
        if (refused == name) return fail("refused", fmt::format("sam {}: {}.", refused, reason));
    }
    std::vector<std::string> names = {"local generate-event", "install-shim"};
    for (const SamVerb& verb : verbs()) names.emplace_back(verb.name);
    const std::string close = nearest(name, names);
    return fail("usage", "No such command '" + name.substr(name.find(' ') + 1) + "'." +
                             (close.empty() ? "" : " Did you mean '" + close + "'?"));
}

Result<void> install_shim(Session& session, const std::vector<std::string>& words) {
    if (words.size() != 1) return fail("usage", "install-shim takes the folder to make sam in");
    const std::string path = words.front() + "/sam";
    MILL_TRY(const CommandResult known, session.run({.argv = {"readlink", path}}));
    const bool is_ours = known.exit_code == 0 && known.output == session.program + "\n";
    if (!is_ours && session.machine.files.exists(path))
        return fail("sam", path + " exists already; it is left as it is");
    if (!is_ours) {
        MILL_CHECK(session.machine.files.make_directories(words.front()));
        MILL_TRY(const CommandResult made,
                 session.run({.argv = {"ln", "-s", session.program, path}}));
        if (made.exit_code != 0) return fail("sam", made.output);
    }
    session.out(path + " is " + session.program + " now. Put the folder on PATH: export PATH=\"" +
                words.front() + ":$PATH\"\n");
    return {};
}

Result<void> print_event(Session& session, std::vector<std::string> words) {
    if (asks_help(words)) {
        session.out("Usage: " + session.name +
                    " local generate-event kinesis | sqs | sns | s3 put|delete | dynamodb | "
                    "cloudwatch logs|scheduled-event [OPTIONS]\n");
        return {};
    }
    MILL_TRY(const std::string event, generate_event(std::move(words)));
    session.out(event + "\n");
    return {};
}

// "local invoke" of the words, which lose it.
std::string take_name(std::vector<std::string>& words) {
    std::string name = words.front();
    words.erase(words.begin());
    if (is_group(name) && !words.empty() && !words.front().starts_with('-')) {
        name += " " + words.front();
        words.erase(words.begin());
    }
    return name;
}

Task<Result<void>> run_verb(Session& session, std::string name, std::vector<std::string> words) {
    if (name == "local generate-event") co_return print_event(session, std::move(words));
    if (name == "install-shim") co_return install_shim(session, words);
    const SamVerb* verb = find_verb(name);
    if (!verb && is_group(name) && (words.empty() || asks_help(words))) {
        session.out(overview(session.name));
        co_return Result<void>();
    }
    if (!verb) co_return unknown_verb(name);
    if (asks_help(words)) {
        session.out(help_of(session, *verb));
        co_return Result<void>();
    }
    std::string section(verb->section.empty() ? verb->name : verb->section);
    for (char& c : section) c = c == ' ' || c == '-' ? '_' : c;
    MILL_CO_TRY(SamOptions options,
                read_sam_options(session, verb->options, section, std::move(words)));
    const auto& given = options.arguments.words();
    if (const std::size_t most = verb->words.empty() ? 0 : 1; given.size() > most)
        co_return fail("usage", "Got unexpected extra argument (" + given[most] + ")");
    co_return co_await verb->run(session, std::move(options));
}

}  // namespace

std::string sam_help() { return overview("millrace sam"); }

std::vector<std::pair<std::string, std::vector<std::string>>> sam_verb_options() {
    std::vector<std::pair<std::string, std::vector<std::string>>> all;
    for (const SamVerb& verb : verbs()) {
        std::vector<std::string> options;
        for (const OptionNames* names : {&verb.options, &common_sam_options()}) {
            for (const std::string_view name : *names) {
                const SamOption* option = find_sam_option(name.substr(0, name.find('/')));
                if (!option->refusal.empty()) continue;
                options.emplace_back(option->name);
                if (!option->negation.empty()) options.emplace_back(option->negation);
            }
        }
        all.emplace_back(verb.name, std::move(options));
    }
    return all;
}

Task<int> sam(Session& session, std::vector<std::string> words) {
    if (!session.variable("SAM_CLI_NO_COLOR").empty()) session.colour = false;
    if (words.empty() || words.front() == "--help" || words.front() == "-h") {
        session.out(overview(session.name));
        co_return words.empty() ? exit_usage : exit_ok;
    }
    if (words.front() == "--version") {
        session.out(fmt::format("SAM CLI, version {} (its commands, by Millrace)\n", sam_version));
        co_return exit_ok;
    }
    const std::string name = take_name(words);
    const auto result = co_await run_verb(session, name, std::move(words));
    if (result) co_return exit_ok;
    const std::string& code = result.error().code;
    if (code == "aborted") {
        session.err("Aborted!\n");
        co_return exit_failed;
    }
    // Click tells no usage for a value that is missing or one too many.
    const bool is_about_value = result.error().message.starts_with("Option '");
    if (code == "usage" && !is_about_value) session.err(usage_of(session, name));
    session.err((session.colour ? session.red("Error: ") : "Error: ") + result.error().message +
                "\n");
    if (code == "usage") co_return exit_usage;
    co_return code == "net.unreachable" ? exit_unreachable : exit_failed;
}

}  // namespace mill::cli
