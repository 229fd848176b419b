// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "cli/command_line.h"

namespace mill::cli {
namespace {

using Kind = SamOption::Kind;

constexpr std::string_view no_containers =
    "Millrace builds and runs functions without containers; leave the option out";
constexpr std::string_view no_images = "Millrace deploys zip archives only, no container images";
constexpr std::string_view no_express =
    "stacks are always waited for here; leave the option out, it saves no time";

// Alphabetical.
constexpr SamOption all_options[] = {
    {"--app-template", Kind::value, "The template to begin with: orders."},
    {"--architecture", Kind::value, "Architecture of the functions: x86_64."},
    {"--base-dir", Kind::value, "Where CodeUri paths begin, instead of the template's folder."},
    {"--base-image", Kind::value, "Base image of the functions.", no_images},
    {"--beta-features",
     Kind::flag,
     "Taken for SAM CLI's sake; changes nothing.",
     {},
     "--no-beta-features"},
    {"--build-dir", Kind::value, "Where what is built goes [.aws-sam/build]."},
    {"--build-image", Kind::value, "Image to build in.", no_containers},
    {"--build-in-source", Kind::flag, "Build in the source folder.",
     "Makefiles run in a copy of the source; leave the option out", "--no-build-in-source"},
    {"--cache-dir", Kind::value, "Where --cached keeps what was built [.aws-sam/cache]."},
    {"--cached", Kind::flag, "Build only what has changed.", {}, "--no-cached"},
    {"--capabilities", Kind::list, "CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND."},
    {"--code", Kind::flag, "Only code, without a change of the stack."},
    {"--config-env", Kind::value, "Environment of samconfig.toml [default]."},
    {"--config-file", Kind::value, "Defaults of the options [samconfig.toml]."},
    {"--confirm-changeset",
     Kind::flag,
     "Ask before the changes are made.",
     {},
     "--no-confirm-changeset"},
    {"--container-env-var", Kind::value, "Variable of the build container.", no_containers},
    {"--container-env-var-file", Kind::value, "Variables of the build container.", no_containers},
    {"--container-env-vars", Kind::value, "Variables of the container.", no_containers},
    {"--cw-log-group", Kind::repeated, "Log groups to read too; may be repeated."},
    {"--debug", Kind::flag, "Taken for SAM CLI's sake; errors say all there is to say."},
    {"--dependency-layer", Kind::flag, "Dependencies in a layer of their own.",
     "sync puts dependencies beside the code; leave the option out", "--no-dependency-layer"},
    {"--dependency-manager", Kind::value, "pip, or make for provided.al2023."},
    {"--disable-rollback",
     Kind::flag,
     "Keep what was made when a deployment fails.",
     {},
     "--no-disable-rollback"},
    {"--docker-network", Kind::value, "Network of the container.", no_containers},
    {"--end-time", Kind::value, "Until when: as --start-time."},
    {"--endpoint-url", Kind::value, "The server [AWS_ENDPOINT_URL, http://127.0.0.1:4566]."},
    {"--env-vars", Kind::value, "JSON file with values for the functions' variables."},
    {"--event", Kind::value, "The event: a file, or - for stdin; of remote invoke its text."},
    {"--event-file", Kind::value, "File that holds the event, - for stdin."},
    {"--exclude", Kind::repeated, "Resources not to be built."},
    {"--express", Kind::flag, "CloudFormation's express mode.", no_express, "--no-express"},
    {"--fail-on-empty-changeset",
     Kind::flag,
     "Fail if there is nothing to change (the default).",
     {},
     "--no-fail-on-empty-changeset"},
    {"--filter", Kind::value, "Only events that match this pattern."},
    {"--force-upload", Kind::flag, "Upload also what is in the bucket already."},
    {"--guided", Kind::flag, "Ask for the options, and save them."},
    {"--host", Kind::value, "Address to listen at [127.0.0.1]."},
    {"--image-repositories", Kind::value, "ECR repositories.", no_images},
    {"--image-repository", Kind::value, "ECR repository.", no_images},
    {"--include-traces", Kind::flag, "X-Ray's traces too.",
     "Millrace records no X-Ray traces; leave the option out"},
    {"--kms-key-id", Kind::value, "KMS key that encrypts the uploaded artefacts."},
    {"--lint", Kind::flag, "Check by cfn-lint.",
     "Millrace has no linter; install cfn-lint and run: cfn-lint template.yaml"},
    {"--location", Kind::value, "Template of a repository.",
     "Millrace makes projects of its own template only; clone the repository with git"},
    {"--manifest", Kind::value, "Manifest of dependencies, instead of requirements.txt."},
    {"--max-wait-duration", Kind::value, "Minutes to wait for the deployment [60]."},
    {"--metadata", Kind::value, "Metadata of the uploaded artefacts: Name=Value,Name=Value."},
    {"--name", Kind::repeated, "Name of the resource; may be repeated."},
    {"--no-event", Kind::flag, "Invoke with {}."},
    {"--no-execute-changeset", Kind::flag, "Make the change set only."},
    {"--no-interactive", Kind::flag, "Ask nothing; fail if something is missing."},
    {"--no-progressbar", Kind::flag, "Do not show uploads."},
    {"--no-prompts", Kind::flag, "Do not ask."},
    {"--notification-arns", Kind::list, "SNS topics that are told of the stack's events."},
    {"--on-failure", Kind::value, "ROLLBACK, DELETE or DO_NOTHING [ROLLBACK]."},
    {"--output", Kind::value, "How to print."},
    {"--output-dir", Kind::value, "Where the project's folder is made [.]."},
    {"--output-template-file", Kind::value, "File for the packaged template; else it is printed."},
    {"--package-type", Kind::value, "Zip."},
    {"--parallel", Kind::flag, "Build several functions at once."},
    {"--parameter", Kind::repeated,
     "Of the call: Qualifier=1, InvocationType=Event, LogType=None."},
    {"--parameter-overrides", Kind::list, "Name=Value ..., or file://NAME.yaml."},
    {"--port", Kind::value, "Port to listen at [3001]."},
    {"--profile", Kind::value, "AWS profile: its region, endpoint_url and credentials."},
    {"--region", Kind::value, "AWS region."},
    {"--resolve-image-repos", Kind::flag, "Make ECR repositories.", no_images},
    {"--resolve-s3", Kind::flag, "Use a bucket that is made for it.", {}, "--no-resolve-s3"},
    {"--resource", Kind::repeated, "Only resources of these types; may be repeated."},
    {"--resource-id", Kind::repeated, "Only these resources; may be repeated."},
    {"--role-arn", Kind::value, "Role that CloudFormation assumes."},
    {"--runtime", Kind::value, "provided.al2023 (C++) or python3.N."},
    {"--s3-bucket", Kind::value, "Bucket for code and templates."},
    {"--s3-prefix", Kind::value, "What the names in the bucket begin with."},
    {"--save-params", Kind::flag, "Save these options to the configuration file."},
    {"--signing-profiles", Kind::list, "Profiles that sign code.",
     "Millrace checks no code signatures; leave the option out"},
    {"--skip-deploy-sync",
     Kind::flag,
     "Deploy first only if the template differs (the default).",
     {},
     "--no-skip-deploy-sync"},
    {"--skip-prepare-infra", Kind::flag, "Of Terraform.", "Millrace does not read Terraform"},
    {"--skip-pull-image", Kind::flag, "Nothing is pulled in any case."},
    {"--stack-name", Kind::value, "Name of the stack."},
    {"--start-time", Kind::value, "Since when: '5mins ago', 'yesterday', '2026-01-01 10:10:10'."},
    {"--tags", Kind::list, "Tags of the stack: Name=Value ..."},
    {"--tail", Kind::flag, "Go on until Ctrl-C."},
    {"--template-file", Kind::value, "The template [template.yaml, .yml or .json]."},
    {"--tracing", Kind::flag, "X-Ray tracing.", "Millrace records no X-Ray traces", "--no-tracing"},
    {"--use-container", Kind::flag, "Build in a container.", no_containers, "--no-use-container"},
    {"--use-json", Kind::flag, "Write the template as JSON."},
    {"--warm-containers", Kind::value, "Functions are warm in any case."},
    {"--watch", Kind::flag, "Go on with every change of a file, until Ctrl-C.", {}, "--no-watch"},
    {"--watch-exclude", Kind::repeated, "Files not to watch: FUNCTION=NAME; may be repeated."},
};

// SAM's other spellings.
constexpr std::pair<std::string_view, std::string_view> spellings[] = {
    {"--template", "--template-file"}, {"--parameters", "--parameter-overrides"}};

OptionSpec spec_of(std::string_view name) {
    const std::string_view plain = name.substr(0, name.find('/'));
    const SamOption* option = find_sam_option(plain);
    return {.name = option->name,
            .short_name =
                plain.size() == name.size() ? std::string_view() : name.substr(plain.size() + 1),
            .takes_value = option->kind != Kind::flag,
            .takes_list = option->kind == Kind::list,
            .negation = option->negation};
}

std::vector<OptionSpec> specs_of(const OptionNames& names) {
    std::vector<OptionSpec> specs;
    for (const OptionNames* some : {&names, &common_sam_options()})
        for (const std::string_view name : *some) specs.push_back(spec_of(name));
    return specs;
}

Result<void> check_refusals(const SamOptions& options, const std::vector<OptionSpec>& specs) {
    for (const OptionSpec& spec : specs) {
        const SamOption* option = find_sam_option(spec.name);
        // SAM CLI saves empty lists: image_repositories = [].
        if (option->refusal.empty() || options.get(std::string(spec.name)).empty()) continue;
        if (option->kind == Kind::flag && !options.flag(std::string(spec.name))) continue;
        return fail("refused", fmt::format("{}: {}.", option->name, option->refusal));
    }
    return {};
}

bool takes_several(const OptionSpec& spec) {
    const Kind kind = find_sam_option(spec.name)->kind;
    return kind == Kind::list || kind == Kind::repeated;
}

Result<void> save_given(Session& session, const SamOptions& options,
                        const std::vector<OptionSpec>& specs, const std::string& section) {
    SamConfigFile file;
    MILL_TRY(file, read_sam_config_file(session.machine.files, options.config_file()));
    std::string shown;
    for (const OptionSpec& spec : specs) {
        const bool is_none = spec.name == "--save-params" || spec.name.starts_with("--config-");
        if (is_none || !options.arguments.has(spec.name)) continue;
        const std::vector<std::string>& given = options.arguments.all(spec.name);
        const std::string key = config_key(spec.name);
        const SamConfigValue value = !spec.takes_value     ? SamConfigValue(given.back() == "true")
                                     : takes_several(spec) ? SamConfigValue(given)
                                                           : SamConfigValue(given.back());
        file.put(options.config_env(), section, key, value);
        shown += (shown.empty() ? "" : ", ") + key;
    }
    MILL_CHECK(file.write(session.machine.files, options.config_file()));
    session.err(fmt::format("Saved parameters to config file '{}' under environment '{}': {}\n",
                            options.config_file(), options.config_env(), shown));
    return {};
}

}  // namespace

std::string config_key(std::string_view option) {
    std::string key(option.substr(2));
    std::ranges::replace(key, '-', '_');
    return key;
}

std::string SamOptions::get(const std::string& option, const std::string& fallback) const {
    if (arguments.has(option)) return arguments.get(option);
    const auto found = config.find(config_key(option));
    return found == config.end() || found->second.empty() ? fallback : found->second.front();
}

std::vector<std::string> SamOptions::raw(const std::string& option) const {
    if (arguments.has(option)) return arguments.all(option);
    const auto found = config.find(config_key(option));
    return found == config.end() ? std::vector<std::string>() : found->second;
}

std::vector<std::string> SamOptions::all(const std::string& option) const {
    std::vector<std::string> words;
    for (const std::string& item : raw(option)) {
        std::istringstream stream(item);
        for (std::string word; stream >> word;) words.push_back(word);
    }
    return words;
}

bool SamOptions::has(const std::string& option) const {
    return arguments.has(option) || config.contains(config_key(option));
}

const OptionNames& common_sam_options() {
    static const OptionNames names = {"--region",        "--endpoint-url", "--config-file",
                                      "--config-env",    "--save-params",  "--debug",
                                      "--beta-features", "--profile"};
    return names;
}

const SamOption* find_sam_option(std::string_view name) {
    const auto found = std::ranges::lower_bound(all_options, name, {}, &SamOption::name);
    return found == std::end(all_options) || found->name != name ? nullptr : &*found;
}

Result<SamOptions> read_sam_options(Session& session, const OptionNames& names,
                                    const std::string& section, std::vector<std::string> words) {
    for (std::string& word : words) {
        for (const auto& [other, name] : spellings) {
            const bool is_alone = word == other;
            if (is_alone || word.starts_with(std::string(other) + "="))
                word.replace(0, other.size(), name);
        }
    }
    const std::vector<OptionSpec> specs = specs_of(names);
    SamOptions given;
    MILL_TRY(given.arguments, Arguments::parse(words, specs));
    if (given.config_file() != "samconfig.toml" &&
        !session.machine.files.exists(given.config_file())) {
        return fail("samconfig",
                    "Config file " + given.config_file() + " does not exist or could not be read!");
    }
    MILL_TRY(given.config, load_sam_config(session.machine.files, given.config_file(),
                                           given.config_env(), section));
    if (const std::string file = session.variable("SAM_TEMPLATE_FILE");
        !file.empty() && !given.arguments.has("--template-file"))
        given.config["template_file"] = {file};
    MILL_CHECK(check_refusals(given, specs));
    if (given.arguments.has("--save-params"))
        MILL_CHECK(save_given(session, given, specs, section));
    return given;
}

std::string describe_sam_options(const OptionNames& names) {
    std::string text;
    for (const OptionNames* some : {&names, &common_sam_options()}) {
        for (const std::string_view name : *some) {
            const OptionSpec spec = spec_of(name);
            const SamOption* option = find_sam_option(spec.name);
            std::string left = "  ";
            if (!spec.short_name.empty()) left += std::string(spec.short_name) + ", ";
            left += spec.name;
            if (!spec.negation.empty()) left += " / " + std::string(spec.negation);
            if (spec.takes_list) left += " VALUE ...";
            if (spec.takes_value && !spec.takes_list) left += " VALUE";
            if (left.size() > 32) left += "\n" + std::string(33, ' ');
            text += option->refusal.empty()
                        ? fmt::format("{:<33}{}\n", left, option->help)
                        : fmt::format("{:<33}Refused: {}.\n", left, option->refusal);
        }
    }
    return text;
}

}  // namespace mill::cli
