// SPDX-License-Identifier: Apache-2.0
// What the sam verbs know of a project: its template and where its functions' code is.
#include <sstream>

#include "cli/sam.h"

namespace mill::cli {
namespace {

bool is_function(const std::string& type) {
    return type == "AWS::Serverless::Function" || type == "AWS::Lambda::Function";
}

std::string property(const wire::Value& properties, const wire::Value* globals,
                     std::string_view name) {
    std::string value = wire::text_of(properties, name);
    if (value.empty() && globals) value = wire::text_of(*globals, name);
    return value;
}

}  // namespace

std::string SamOptions::get(const std::string& option, const std::string& fallback) const {
    if (arguments.has(option)) return arguments.get(option);
    std::string key = option.substr(2);
    for (char& c : key) c = c == '-' ? '_' : c;
    const auto found = config.find(key);
    return found == config.end() || found->second.empty() ? fallback : found->second.front();
}

std::vector<std::string> SamOptions::all(const std::string& option) const {
    std::vector<std::string> raw = arguments.all(option);
    if (raw.empty()) {
        std::string key = option.substr(2);
        for (char& c : key) c = c == '-' ? '_' : c;
        if (const auto found = config.find(key); found != config.end()) raw = found->second;
    }
    std::vector<std::string> words;
    for (const std::string& item : raw) {
        std::istringstream stream(item);
        for (std::string word; stream >> word;) words.push_back(word);
    }
    return words;
}

bool SamOptions::flag(const std::string& option) const {
    return arguments.has(option) || get(option) == "true";
}

Result<std::string> find_template(machine::Files& files, const std::string& directory,
                                  const std::string& given) {
    if (!given.empty()) {
        const std::string path = join_path(directory, given);
        if (files.exists(path)) return path;
        return fail("template", "Template file not found at " + path);
    }
    for (const char* name : {"template.yaml", "template.yml", "template.json"}) {
        const std::string path = join_path(directory, name);
        if (files.exists(path)) return path;
    }
    return fail("template",
                "no template.yaml, template.yml or template.json here; go to the project's folder "
                "or pass --template FILE");
}

Result<std::string> find_built_template(machine::Files& files, const SamOptions& options) {
    const std::string built = join_path(options.directory, ".aws-sam/build/template.yaml");
    if (!options.arguments.has("--template-file") && files.exists(built)) return built;
    return find_template(files, options.directory, options.get("--template-file"));
}

Result<wire::Value> load_template(machine::Files& files, const std::string& path) {
    MILL_TRY(const Bytes text, machine::read_file(files, path));
    auto document = wire::parse_template(text);
    if (!document) return fail("template", path + ": " + document.error().message);
    if (!document->find("Resources")) return fail("template", path + " has no Resources");
    return document;
}

std::vector<FunctionSource> functions_of(const wire::Value& document) {
    std::vector<FunctionSource> functions;
    const wire::Value* globals = document.find("Globals");
    if (globals) globals = globals->find("Function");
    const wire::Value* resources = document.find("Resources");
    if (!resources || !resources->members()) return functions;
    for (const auto& [id, resource] : *resources->members()) {
        const std::string type = wire::text_of(resource, "Type");
        if (!is_function(type)) continue;
        static const wire::Value none;
        const wire::Value* given = resource.find("Properties");
        const wire::Value& properties = given ? *given : none;
        FunctionSource function{.logical_id = id};
        const std::string code_name = type == "AWS::Lambda::Function" ? "Code" : "CodeUri";
        function.code_uri =
            property(properties, type == "AWS::Lambda::Function" ? nullptr : globals, code_name);
        function.runtime = property(properties, globals, "Runtime");
        if (properties.find("InlineCode") || function.code_uri.starts_with("s3://"))
            function.code_uri.clear();
        if (const wire::Value* metadata = resource.find("Metadata")) {
            function.build_method = wire::text_of(*metadata, "BuildMethod");
            const wire::Value* skip = metadata->find("SkipBuild");
            function.skip_build = skip && skip->boolean() && *skip->boolean();
        }
        functions.push_back(std::move(function));
    }
    return functions;
}

void set_code_uri(wire::Value& document, const std::string& logical_id, const std::string& uri) {
    wire::Value& resource = document["Resources"][logical_id];
    const bool plain = wire::text_of(resource, "Type") == "AWS::Lambda::Function";
    wire::Value& properties = resource["Properties"];
    if (!plain) {
        properties["CodeUri"] = uri;
        return;
    }
    const std::size_t slash = uri.find('/', 5);
    if (!uri.starts_with("s3://") || slash == std::string::npos) {
        properties["Code"] = uri;
        return;
    }
    wire::Value code;
    code["S3Bucket"] = uri.substr(5, slash - 5);
    code["S3Key"] = uri.substr(slash + 1);
    properties["Code"] = std::move(code);
}

Result<Target> find_target(const Session& session, const std::string& endpoint_url,
                           const std::string& region) {
    std::string url = endpoint_url.empty() ? session.variable("AWS_ENDPOINT_URL") : endpoint_url;
    if (url.empty()) url = "http://127.0.0.1:4566";
    if (!url.starts_with("http://"))
        return fail("usage", "the endpoint must be an http:// URL, not '" + url + "'");
    std::string authority = url.substr(7);
    authority = authority.substr(0, authority.find('/'));
    if (authority.rfind(':') == std::string::npos) authority += ":80";
    Target target;
    MILL_TRY(target.endpoint, machine::parse_endpoint(authority));
    if (!region.empty()) {
        target.region = region;
    } else if (const std::string given = session.variable("AWS_REGION"); !given.empty()) {
        target.region = given;
    } else if (const std::string fallback = session.variable("AWS_DEFAULT_REGION");
               !fallback.empty()) {
        target.region = fallback;
    }
    const std::string key = session.variable("AWS_ACCESS_KEY_ID");
    if (!key.empty()) {
        target.credentials = {key, session.variable("AWS_SECRET_ACCESS_KEY"),
                              session.variable("AWS_SESSION_TOKEN")};
    }
    return target;
}

Result<std::vector<std::pair<std::string, std::string>>> parameter_overrides(
    const SamOptions& options) {
    constexpr std::string_view key = "ParameterKey=";
    constexpr std::string_view value = ",ParameterValue=";
    std::vector<std::pair<std::string, std::string>> overrides;
    for (std::string pair : options.all("--parameter-overrides")) {
        if (const std::size_t comma = pair.find(value);
            pair.starts_with(key) && comma != std::string::npos) {
            pair = pair.substr(key.size(), comma - key.size()) + "=" +
                   pair.substr(comma + value.size());
        }
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos)
            return fail("usage",
                        "--parameter-overrides takes Name=Value pairs, not '" + pair + "'");
        overrides.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    }
    return overrides;
}

}  // namespace mill::cli
