// SPDX-License-Identifier: Apache-2.0
// What the sam verbs know of a project: its template and where its functions' code is.
#include <algorithm>

#include "cli/aws_profile.h"
#include "cli/sam.h"

namespace mill::cli {
namespace {

bool is_function(const std::string& type) {
    return type == "AWS::Serverless::Function" || type == "AWS::Lambda::Function";
}

bool is_layer(const std::string& type) {
    return type == "AWS::Serverless::LayerVersion" || type == "AWS::Lambda::LayerVersion";
}

std::string property(const wire::Value& properties, const wire::Value* globals,
                     std::string_view name) {
    std::string value = wire::text_of(properties, name);
    if (value.empty() && globals) value = wire::text_of(*globals, name);
    return value;
}

bool is_intrinsic(const wire::Value& value) {
    const wire::Value::Map* members = value.members();
    if (!members || members->size() != 1) return false;
    const std::string& name = members->front().first;
    return name == "Ref" || name.starts_with("Fn::");
}

void replace_refs(wire::Value& value, const wire::Value::Map& parameters) {
    if (const wire::Value* name = value.find("Ref");
        name && name->string() && is_intrinsic(value)) {
        const auto known =
            std::ranges::find(parameters, *name->string(), &wire::Value::Map::value_type::first);
        if (known != parameters.end()) value = wire::Value(known->second);
        return;
    }
    if (wire::Value::List* items = value.items()) {
        for (wire::Value& item : *items) replace_refs(item, parameters);
    } else if (wire::Value::Map* members = value.members()) {
        for (auto& [name, item] : *members) replace_refs(item, parameters);
    }
}

}  // namespace

wire::Value with_parameters(wire::Value document, const Pairs& given) {
    wire::Value::Map values;
    const wire::Value* declared = document.find("Parameters");
    if (!declared || !declared->members()) return document;
    for (const auto& [name, parameter] : *declared->members()) {
        const auto found = std::ranges::find(given, name, &Pairs::value_type::first);
        if (found != given.end()) {
            values.emplace_back(name, found->second);
        } else if (const wire::Value* fallback = parameter.find("Default")) {
            values.emplace_back(name, *fallback);
        }
    }
    for (const char* section : {"Globals", "Resources"}) {
        if (document.find(section)) replace_refs(document[section], values);
    }
    return document;
}

std::string_view CodeSource::property() const {
    if (type == "AWS::Lambda::Function") return "Code";
    if (type == "AWS::Lambda::LayerVersion") return "Content";
    return is_layer() ? "ContentUri" : "CodeUri";
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
    if (!options.has("--template-file") && files.exists(built)) return built;
    return find_template(files, options.directory, options.get("--template-file"));
}

Result<wire::Value> load_template(machine::Files& files, const std::string& path) {
    MILL_TRY(const Bytes text, machine::read_file(files, path));
    auto document = wire::parse_template(text);
    if (!document) return fail("template", path + ": " + document.error().message);
    if (!document->find("Resources")) return fail("template", path + " has no Resources");
    return document;
}

std::vector<CodeSource> sources_of(const wire::Value& document) {
    static const wire::Value none;
    std::vector<CodeSource> sources;
    const wire::Value* globals = document.find("Globals");
    const wire::Value* resources = document.find("Resources");
    if (!resources || !resources->members()) return sources;
    for (const auto& [id, resource] : *resources->members()) {
        CodeSource source{.logical_id = id, .type = wire::text_of(resource, "Type")};
        if (!is_function(source.type) && !is_layer(source.type)) continue;
        const wire::Value* given = resource.find("Properties");
        const wire::Value& properties = given ? *given : none;
        const bool is_sam = source.type.starts_with("AWS::Serverless::");
        const wire::Value* shared =
            globals && is_sam ? globals->find(source.is_layer() ? "LayerVersion" : "Function")
                              : nullptr;
        source.uri = property(properties, shared, source.property());
        for (const wire::Value* holder : {&properties, shared}) {
            const wire::Value* uri = holder ? holder->find(source.property()) : nullptr;
            if (!uri) continue;
            source.is_computed = is_intrinsic(*uri);
            break;
        }
        source.handler = property(properties, shared, "Handler");
        source.runtime = property(properties, shared, "Runtime");
        for (const wire::Value* holder : {shared, &properties}) {
            if (!holder) continue;
            const auto& architectures = wire::list_of(*holder, "Architectures");
            if (!architectures.empty() && architectures.front().string())
                source.architecture = *architectures.front().string();
        }
        if (properties.find("InlineCode") || source.uri.starts_with("s3://")) source.uri.clear();
        if (const wire::Value* metadata = resource.find("Metadata")) {
            source.build_method = wire::text_of(*metadata, "BuildMethod");
            const wire::Value* skip = metadata->find("SkipBuild");
            source.skip_build = skip && skip->boolean() && *skip->boolean();
        }
        sources.push_back(std::move(source));
    }
    return sources;
}

std::vector<CodeSource> functions_of(const wire::Value& document) {
    std::vector<CodeSource> functions = sources_of(document);
    std::erase_if(functions, [](const CodeSource& source) { return source.is_layer(); });
    return functions;
}

void set_code_uri(wire::Value& document, const std::string& logical_id, const std::string& uri) {
    wire::Value& resource = document["Resources"][logical_id];
    const CodeSource source{.logical_id = logical_id, .type = wire::text_of(resource, "Type")};
    wire::Value& value = resource["Properties"][source.property()];
    const std::size_t slash = uri.find('/', 5);
    if (source.type.starts_with("AWS::Serverless::") || !uri.starts_with("s3://") ||
        slash == std::string::npos) {
        value = uri;
        return;
    }
    value =
        wire::Value::Map{{"S3Bucket", uri.substr(5, slash - 5)}, {"S3Key", uri.substr(slash + 1)}};
}

Result<Target> find_target(const Session& session, const std::string& endpoint_url,
                           const std::string& region, const std::string& profile) {
    AwsProfile settings;
    const std::string named = profile.empty() ? session.variable("AWS_PROFILE") : profile;
    if (!named.empty()) {
        MILL_TRY(settings, load_aws_profile(session, named));
    }
    const auto first_of = [](std::initializer_list<std::string> texts) {
        const auto found = std::ranges::find_if(texts, [](const auto& t) { return !t.empty(); });
        return found == texts.end() ? std::string() : *found;
    };
    const std::string url = first_of({endpoint_url, session.variable("AWS_ENDPOINT_URL"),
                                      settings["endpoint_url"], "http://127.0.0.1:4566"});
    if (!url.starts_with("http://"))
        return fail("usage", "the endpoint must be an http:// URL, not '" + url + "'");
    std::string authority = url.substr(7);
    authority = authority.substr(0, authority.find('/'));
    if (authority.rfind(':') == std::string::npos) authority += ":80";
    Target target;
    MILL_TRY(target.endpoint, machine::parse_endpoint(authority));
    target.region =
        first_of({region, session.variable("AWS_REGION"), session.variable("AWS_DEFAULT_REGION"),
                  settings["region"], target.region});
    const wire::Credentials given{session.variable("AWS_ACCESS_KEY_ID"),
                                  session.variable("AWS_SECRET_ACCESS_KEY"),
                                  session.variable("AWS_SESSION_TOKEN")};
    const wire::Credentials kept{settings["aws_access_key_id"], settings["aws_secret_access_key"],
                                 settings["aws_session_token"]};
    const bool is_kept_first = !profile.empty() && !kept.access_key.empty();
    if (is_kept_first || given.access_key.empty()) {
        if (!kept.access_key.empty()) target.credentials = kept;
    } else {
        target.credentials = given;
    }
    return target;
}

Result<Target> find_target(const Session& session, const SamOptions& options) {
    return find_target(session, options.get("--endpoint-url"), options.get("--region"),
                       options.get("--profile"));
}

}  // namespace mill::cli
