// SPDX-License-Identifier: Apache-2.0
#include "cli/sam.h"

#include <algorithm>

#include "cli/sam_local.h"

namespace mill::cli {
namespace {

constexpr std::initializer_list<OptionSpec> sam_options = {
    {"--template-file", "-t", true, false},
    {"--stack-name", {}, true, false},
    {"--region", {}, true, false},
    {"--endpoint-url", {}, true, false},
    {"--config-file", {}, true, false},
    {"--config-env", {}, true, false},
    {"--capabilities", {}},
    {"--parameter-overrides", {}},
    {"--s3-bucket", {}, true, false},
    {"--s3-prefix", {}, true, false},
    {"--build-dir", "-b", true, false},
    {"--name", "-n", true, false},
    {"--filter", {}, true, false},
    {"--start-time", "-s", true, false},
    {"--cw-log-group", {}, true, false},
    {"--event", "-e", true, false},
    {"--event-file", {}, true, false},
    {"--output", {}, true, false},
    {"--tail", {}, false},
    {"--resolve-s3", {}, false},
    {"--no-confirm-changeset", {}, false},
    {"--no-fail-on-empty-changeset", {}, false},
    {"--disable-rollback", {}, false},
    {"--no-prompts", {}, false},
};

// What a verb may be given; others are refused with a sentence instead of being ignored.
struct Verb {
    std::string_view name;
    Task<Result<void>> (*run)(Session&, SamOptions);
    std::vector<std::string_view> options;
};

const std::vector<Verb>& verbs() {
    static const std::vector<Verb> all = {
        {"build", &sam_build, {"--template-file", "--build-dir"}},
        {"deploy",
         &sam_deploy,
         {"--template-file", "--stack-name", "--capabilities", "--parameter-overrides",
          "--s3-bucket", "--s3-prefix", "--resolve-s3", "--no-confirm-changeset",
          "--no-fail-on-empty-changeset", "--disable-rollback"}},
        {"logs",
         &sam_logs,
         {"--name", "--stack-name", "--filter", "--start-time", "--cw-log-group", "--tail"}},
        {"delete", &sam_delete, {"--stack-name", "--no-prompts"}},
        {"remote invoke",
         &sam_remote_invoke,
         {"--stack-name", "--event", "--event-file", "--output"}},
    };
    return all;
}

template <class List, class Item>
bool contains(const List& list, const Item& item) {
    return std::ranges::find(list, item) != std::ranges::end(list);
}

constexpr std::string_view common_options[] = {"--region", "--endpoint-url", "--config-file",
                                               "--config-env"};

Result<SamOptions> read_options(Session& session, const Verb& verb,
                                std::vector<std::string> words) {
    // SAM's other spellings.
    for (std::string& word : words) {
        if (word == "--template") word = "--template-file";
        if (word == "-t" && verb.name == "logs") word = "--tail";
        if (word == "--parameters") word = "--parameter-overrides";
    }
    SamOptions options;
    MILL_TRY(options.arguments, Arguments::parse(words, sam_options));
    for (const OptionSpec& option : sam_options) {
        const bool known =
            contains(verb.options, option.name) || contains(common_options, option.name);
        if (!known && options.arguments.has(option.name)) {
            return fail("usage", "sam " + std::string(verb.name) + " has no option " +
                                     std::string(option.name));
        }
    }
    std::string section(verb.name);
    std::ranges::replace(section, ' ', '_');
    MILL_TRY(options.config,
             load_sam_config(session.machine.files,
                             options.arguments.get("--config-file", "samconfig.toml"),
                             options.arguments.get("--config-env", "default"), section));
    return options;
}

}  // namespace

std::string sam_help() {
    return "Usage: millrace sam build | deploy | local | remote | logs | delete [OPTIONS]\n"
           "\n"
           "The SAM verbs without SAM CLI or Docker; options also come from samconfig.toml.\n"
           "\n"
           "  build   [FUNCTION] [--template FILE] [--build-dir DIR]\n"
           "  deploy  [--stack-name NAME] [--capabilities ...] [--parameter-overrides K=V ...] "
           "[--s3-bucket B]\n"
           "          [--no-fail-on-empty-changeset] [--disable-rollback]\n"
           "  local invoke [FUNCTION] [--event FILE|-] [--env-vars FILE] "
           "[--parameter-overrides K=V ...]\n"
           "          runs a function with its variables of the deployed stack; logs to stderr, "
           "answer to stdout\n"
           "  local start-lambda [--host H] [--port 3001] [--env-vars FILE] "
           "[--parameter-overrides K=V ...]\n"
           "          an endpoint for aws lambda invoke, until Ctrl-C\n"
           "  local generate-event kinesis | sqs | sns | s3 put|delete | dynamodb | cloudwatch "
           "logs|scheduled-event\n"
           "          [--region R] [--data D] ...: an event for local invoke\n"
           "  remote invoke [FUNCTION] [--event JSON] [--event-file FILE|-] [--stack-name NAME]\n"
           "          invokes the deployed function; logs to stderr, answer to stdout\n"
           "  logs    --name FUNCTION [--tail] [--filter PATTERN] [--start-time '10min ago']\n"
           "  delete  [--stack-name NAME] [--no-prompts]\n"
           "  all:    [--region R] [--endpoint-url URL] [--config-file FILE] [--config-env ENV]\n"
           "\n"
           "Examples:\n"
           "  millrace sam build && millrace sam deploy\n"
           "  millrace sam local generate-event kinesis | millrace sam local invoke "
           "LambdaConsumer --event -\n"
           "  millrace sam logs --name LambdaConsumer --tail\n"
           "  millrace sam delete --no-prompts\n";
}

namespace {

Task<Result<void>> run_verb(Session& session, std::vector<std::string> words) {
    std::string name = words.front();
    words.erase(words.begin());
    if (name == "remote" && !words.empty()) {
        name += " " + words.front();
        words.erase(words.begin());
    }
    if (name == "local") co_return co_await sam_local(session, std::move(words));
    const auto verb = std::ranges::find(verbs(), name, &Verb::name);
    if (verb == verbs().end()) {
        co_return fail("usage",
                       "no verb '" + name +
                           "'; there are build, deploy, local, remote invoke, logs and delete");
    }
    MILL_CO_TRY(SamOptions options, read_options(session, *verb, std::move(words)));
    co_return co_await verb->run(session, std::move(options));
}

}  // namespace

Task<int> sam(Session& session, std::vector<std::string> words) {
    if (words.empty() || contains(words, "--help") || contains(words, "-h")) {
        session.out(sam_help());
        co_return words.empty() ? exit_usage : exit_ok;
    }
    const auto result = co_await run_verb(session, std::move(words));
    if (result) co_return exit_ok;
    session.err(session.red("Error: ") + result.error().message + "\n");
    if (result.error().code == "usage") co_return exit_usage;
    co_return result.error().code == "net.unreachable" ? exit_unreachable : exit_failed;
}

}  // namespace mill::cli
