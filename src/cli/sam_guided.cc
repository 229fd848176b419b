// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_guided.h"

#include "cli/prompt.h"
#include "cli/sam_artifacts.h"

namespace mill::cli {
namespace {

struct Answers {
    std::string stack;
    std::string region;
    Pairs parameters;
    std::vector<std::string> capabilities;
    bool confirm = false;
    bool disable_rollback = false;
    bool save = true;
    std::string file;
    std::string environment;
};

class Interview {
  public:
    Interview(Session& session, const SamOptions& options, const wire::Value& document)
        : session_(session), options_(options), document_(document) {}
    Result<Answers> ask();

  private:
    std::string label(const std::string& text) const { return "\t" + session_.bold(text); }
    Result<void> ask_parameters(Answers& answers);
    Result<void> ask_where_to_save(Answers& answers);

    Session& session_;
    const SamOptions& options_;
    const wire::Value& document_;
};

bool is_hidden(const wire::Value& parameter) {
    const wire::Value* no_echo = parameter.find("NoEcho");
    if (!no_echo) return false;
    return no_echo->boolean() ? *no_echo->boolean() : wire::text_of(parameter, "NoEcho") == "true";
}

std::string default_of(const wire::Value& parameter) {
    const wire::Value* value = parameter.find("Default");
    if (!value || value->is_null()) return {};
    return value->string() ? *value->string() : wire::write_json(*value);
}

Result<void> Interview::ask_parameters(Answers& answers) {
    const wire::Value* declared = document_.find("Parameters");
    if (!declared || !declared->members()) return {};
    MILL_TRY(const Pairs given, parameter_overrides(session_.machine.files, options_));
    for (const auto& [name, parameter] : *declared->members()) {
        const std::string question = label("Parameter " + name);
        if (is_hidden(parameter)) {
            MILL_TRY(const std::string secret, prompt_secret(session_, question));
            answers.parameters.emplace_back(name, secret);
            continue;
        }
        std::string fallback = default_of(parameter);
        for (const auto& [key, value] : given) {
            if (key == name && !value.empty()) fallback = value;
        }
        MILL_TRY(const std::string value, prompt(session_, question, fallback));
        answers.parameters.emplace_back(name, value);
    }
    return {};
}

Result<void> Interview::ask_where_to_save(Answers& answers) {
    MILL_TRY(answers.save, confirm(session_, label("Save arguments to configuration file"), true));
    if (!answers.save) return {};
    MILL_TRY(answers.file,
             prompt(session_, label("SAM configuration file"), options_.config_file()));
    MILL_TRY(answers.environment,
             prompt(session_, label("SAM configuration environment"), options_.config_env()));
    return {};
}

Result<Answers> Interview::ask() {
    Answers answers;
    session_.out(session_.yellow("\n\tSetting default arguments for 'sam deploy'\n\t"
                                 "=========================================") +
                 "\n");
    MILL_TRY(answers.stack,
             prompt(session_, label("Stack Name"), options_.get("--stack-name", "sam-app")));
    MILL_TRY(const Target target, find_target(session_, options_));
    MILL_TRY(answers.region, prompt(session_, label("AWS Region"), target.region));
    MILL_CHECK(ask_parameters(answers));
    session_.out(
        "\t#Shows you resources changes to be deployed and require a 'Y' to initiate deploy\n");
    MILL_TRY(answers.confirm, confirm(session_, label("Confirm changes before deploy"),
                                      options_.flag("--confirm-changeset")));
    session_.out(
        "\t#SAM needs permission to be able to create roles to connect to the resources in your "
        "template\n");
    MILL_TRY(const bool may_make_roles,
             confirm(session_, label("Allow SAM CLI IAM role creation"), true));
    answers.capabilities = options_.all("--capabilities");
    if (answers.capabilities.empty()) answers.capabilities = {"CAPABILITY_IAM"};
    if (!may_make_roles) {
        std::string fallback;
        for (const std::string& one : answers.capabilities)
            fallback += (fallback.empty() ? "'" : ", '") + one + "'";
        MILL_TRY(const std::string typed,
                 prompt(session_, label("Capabilities"), "[" + fallback + "]"));
        if (typed != "[" + fallback + "]") {
            SamOptions words;
            words.config["capabilities"] = {typed};
            answers.capabilities = words.all("--capabilities");
        }
    }
    session_.out(
        "\t#Preserves the state of previously provisioned resources when an operation fails\n");
    MILL_TRY(answers.disable_rollback,
             confirm(session_, label("Disable rollback"), options_.flag("--disable-rollback")));
    MILL_CHECK(ask_where_to_save(answers));
    return answers;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string overrides_text(const Pairs& parameters, const wire::Value& document) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        if (is_hidden(*document.find("Parameters")->find(name))) continue;
        std::string escaped;
        for (const char c : value) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
        text += (text.empty() ? "" : " ") + name + "=\"" + escaped + "\"";
    }
    return text;
}

Result<void> save(Session& session, const Answers& answers, const wire::Value& document) {
    MILL_TRY(SamConfigFile file, read_sam_config_file(session.machine.files, answers.file));
    const auto put = [&](const std::string& key, const SamConfigValue& value) {
        file.put(answers.environment, "deploy", key, value);
    };
    put("stack_name", answers.stack);
    put("resolve_s3", true);
    put("s3_prefix", answers.stack);
    put("region", answers.region);
    file.put(answers.environment, "global", "region", answers.region);
    if (answers.confirm) put("confirm_changeset", true);
    put("capabilities", joined(answers.capabilities));
    if (answers.disable_rollback) put("disable_rollback", true);
    if (const std::string text = overrides_text(answers.parameters, document); !text.empty())
        put("parameter_overrides", text);
    put("image_repositories", std::vector<std::string>());
    MILL_CHECK(file.write(session.machine.files, answers.file));
    session.out(
        "\n\tSaved arguments to config file\n"
        "\tRunning 'sam deploy' for future deployments will use the parameters saved above.\n"
        "\tThe above parameters can be changed by modifying samconfig.toml\n"
        "\tLearn more about samconfig.toml syntax at \n"
        "\thttps://docs.aws.amazon.com/serverless-application-model/latest/developerguide/"
        "serverless-sam-cli-config.html\n\n");
    return {};
}

// As the verb reads them afterwards.
void apply(SamOptions& options, const Answers& answers, const std::string& bucket) {
    SamConfig& config = options.config;
    options.arguments.forget({"--stack-name", "--region", "--s3-bucket", "--s3-prefix",
                              "--resolve-s3", "--confirm-changeset", "--capabilities",
                              "--disable-rollback", "--parameter-overrides"});
    config["stack_name"] = {answers.stack};
    config["region"] = {answers.region};
    config["s3_bucket"] = {bucket};
    config["s3_prefix"] = {answers.stack};
    config["resolve_s3"] = {"false"};
    config["confirm_changeset"] = {answers.confirm ? "true" : "false"};
    config["disable_rollback"] = {answers.disable_rollback ? "true" : "false"};
    config["capabilities"] = answers.capabilities;
    config["parameter_overrides"].clear();
    for (const auto& [name, value] : answers.parameters) {
        std::string escaped;
        for (const char c : value) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
        config["parameter_overrides"].push_back(name + "=\"" + escaped + "\"");
    }
}

}  // namespace

Task<Result<void>> ask_for_options(Session& session, SamOptions& options) {
    MILL_CO_TRY(const std::string path, find_built_template(session.machine.files, options));
    MILL_CO_TRY(const auto document, load_template(session.machine.files, path));
    const bool is_there = session.machine.files.exists(options.config_file());
    session.out(session.yellow("\nConfiguring SAM deploy\n======================") +
                "\n\n\tLooking for config file [" + options.config_file() +
                "] :  " + (is_there ? "Found" : "Not found") + "\n");
    if (is_there) session.out("\tReading default arguments  :  Success\n");
    Interview interview(session, options, document);
    MILL_CO_TRY(const Answers answers, interview.ask());
    session.out("\n\tLooking for resources needed for deployment:\n");
    MILL_CO_TRY(Target target, find_target(session, options.get("--endpoint-url"), answers.region,
                                           options.get("--profile")));
    MILL_CO_TRY(const std::string bucket,
                co_await managed_bucket(session, AwsClient(session.machine, std::move(target))));
    if (answers.save) MILL_CO_CHECK(save(session, answers, document));
    apply(options, answers, bucket);
    co_return Result<void>();
}

}  // namespace mill::cli
