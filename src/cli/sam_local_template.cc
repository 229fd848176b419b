// SPDX-License-Identifier: Apache-2.0
// The template of the server that runs functions locally. Its CloudFormation does the rest:
// parameters, conditions, mappings, Globals.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/sam_local.h"

namespace mill::cli {
namespace {

using wire::Value;

// Properties that say how a function runs; the others say who calls it, and from where.
constexpr std::string_view kept_properties[] = {
    "Architectures",    "Code",    "CodeUri",    "Description", "Environment",
    "EphemeralStorage", "Handler", "InlineCode", "Layers",      "MemorySize",
    "PackageType",      "Runtime", "Timeout"};

constexpr std::pair<std::string_view, std::string_view> name_properties[] = {
    {"AWS::Kinesis::Stream", "Name"},
    {"AWS::Lambda::Function", "FunctionName"},
    {"AWS::Serverless::Function", "FunctionName"},
    {"AWS::SQS::Queue", "QueueName"},
    {"AWS::SNS::Topic", "TopicName"},
    {"AWS::S3::Bucket", "BucketName"},
    {"AWS::DynamoDB::Table", "TableName"},
    {"AWS::Logs::LogGroup", "LogGroupName"},
    {"AWS::SSM::Parameter", "Name"}};

const Value none;

const Value& member(const Value& value, std::string_view name) {
    const Value* found = value.find(name);
    return found ? *found : none;
}

std::string after_last(const std::string& text, char separator) {
    return text.substr(text.rfind(separator) + 1);
}

class Names {
  public:
    Names(const Value& document, const LocalNames& names)
        : resources_(member(document, "Resources")), names_(names) {}

    bool knows(const std::string& id) const { return resources_.find(id) != nullptr; }
    bool is_layer(const std::string& id) const { return type_of(id).ends_with("::LayerVersion"); }
    std::string ref(const std::string& id) const;
    Result<std::string> get_att(const std::string& id, const std::string& attribute) const;
    // The value with every use of a resource replaced.
    Result<Value> resolve(const Value& value) const;
    std::string name_in_template(const std::string& id) const;

  private:
    std::string arn(std::string_view service, const std::string& resource) const {
        return fmt::format("arn:aws:{}:{}:{}:{}", service, names_.region, names_.account, resource);
    }
    std::string type_of(const std::string& id) const {
        return wire::text_of(member(resources_, id), "Type");
    }
    Result<std::string> use(const std::string& text) const;  // "Id" or "Id.Attribute"
    Result<Value> resolve_sub(const Value& argument) const;
    Result<std::string> fill(const std::string& text, const Value& own) const;

    const Value& resources_;
    const LocalNames& names_;
};

std::string Names::name_in_template(const std::string& id) const {
    const std::string type = type_of(id);
    const auto known = std::ranges::find(name_properties, type,
                                         &std::pair<std::string_view, std::string_view>::first);
    if (known == std::end(name_properties)) return id;
    return wire::text_of(member(member(resources_, id), "Properties"), known->second, id);
}

std::string Names::ref(const std::string& id) const {
    if (const auto found = names_.physical.find(id); found != names_.physical.end())
        return found->second;
    const std::string type = type_of(id);
    const std::string name = name_in_template(id);
    if (type == "AWS::SNS::Topic") return arn("sns", name);
    if (type == "AWS::SQS::Queue") {
        const std::string endpoint = names_.endpoint_url.empty()
                                         ? "https://sqs." + names_.region + ".amazonaws.com"
                                         : names_.endpoint_url;
        return endpoint + "/" + names_.account + "/" + name;
    }
    return name;
}

Result<std::string> Names::get_att(const std::string& id, const std::string& attribute) const {
    const std::string type = type_of(id);
    const std::string physical = ref(id);
    if (attribute == "Arn") {
        if (type == "AWS::Kinesis::Stream") return arn("kinesis", "stream/" + physical);
        if (type == "AWS::Lambda::Function" || type == "AWS::Serverless::Function")
            return arn("lambda", "function:" + physical);
        if (type == "AWS::SQS::Queue") return arn("sqs", after_last(physical, '/'));
        if (type == "AWS::S3::Bucket") return "arn:aws:s3:::" + physical;
        if (type == "AWS::DynamoDB::Table") return arn("dynamodb", "table/" + physical);
        if (type == "AWS::Logs::LogGroup") return arn("logs", "log-group:" + physical + ":*");
        if (type == "AWS::IAM::Role") return "arn:aws:iam::" + names_.account + ":role/" + physical;
    }
    if (type == "AWS::SQS::Queue" && attribute == "QueueName") return after_last(physical, '/');
    if (type == "AWS::SQS::Queue" && attribute == "QueueUrl") return physical;
    if (type == "AWS::SNS::Topic" && attribute == "TopicArn") return physical;
    if (type == "AWS::SNS::Topic" && attribute == "TopicName") return after_last(physical, ':');
    return fail("local", fmt::format("{}.{} is not known locally; give the variable that uses it a "
                                     "value with --env-vars FILE",
                                     id, attribute));
}

Result<std::string> Names::use(const std::string& text) const {
    const std::size_t dot = text.find('.');
    if (dot == std::string::npos) return ref(text);
    return get_att(text.substr(0, dot), text.substr(dot + 1));
}

// The text of Fn::Sub; `own` are the variables that it brings along.
Result<std::string> Names::fill(const std::string& text, const Value& own) const {
    std::string out;
    std::size_t at = 0;
    for (std::size_t open; (open = text.find("${", at)) != std::string::npos;) {
        const std::size_t close = text.find('}', open);
        if (close == std::string::npos) break;
        const std::string name = text.substr(open + 2, close - open - 2);
        out.append(text, at, open - at);
        if (!own.find(name) && knows(name.substr(0, name.find('.')))) {
            MILL_TRY(const std::string meaning, use(name));
            out += meaning;
        } else {
            out.append(text, open, close + 1 - open);
        }
        at = close + 1;
    }
    return out + text.substr(at);
}

Result<Value> Names::resolve_sub(const Value& argument) const {
    const Value::List* parts = argument.items();
    const Value& text = parts && !parts->empty() ? parts->front() : argument;
    if (!text.string()) return argument;
    MILL_TRY(Value filled, fill(*text.string(), parts && parts->size() > 1 ? (*parts)[1] : none));
    if (!parts || parts->size() < 2) return filled;
    MILL_TRY(Value own, resolve((*parts)[1]));
    return Value(Value::List{std::move(filled), std::move(own)});
}

Result<Value> Names::resolve(const Value& value) const {
    if (const Value::List* items = value.items()) {
        Value out = Value::list();
        for (const Value& item : *items) {
            MILL_TRY(Value resolved, resolve(item));
            out.push_back(std::move(resolved));
        }
        return out;
    }
    const Value::Map* members = value.members();
    if (!members) return value;
    if (members->size() == 1) {
        const auto& [function, argument] = members->front();
        if (function == "Ref" && argument.string() && knows(*argument.string())) {
            if (is_layer(*argument.string())) return value;  // is made locally too
            return Value(ref(*argument.string()));
        }
        if (function == "Fn::GetAtt") {
            const Value::List* parts = argument.items();
            if (argument.string()) return use(*argument.string());
            if (parts && parts->size() == 2 && (*parts)[0].string() && (*parts)[1].string())
                return get_att(*(*parts)[0].string(), *(*parts)[1].string());
        }
        if (function == "Fn::Sub") {
            Value out;
            MILL_TRY(out["Fn::Sub"], resolve_sub(argument));
            return out;
        }
    }
    Value out = Value::map();
    for (const auto& [name, item] : *members) {
        MILL_TRY(out[name], resolve(item));
    }
    return out;
}

Value kept(const Value& properties) {
    Value out = Value::map();
    for (const std::string_view name : kept_properties) {
        if (const Value* found = properties.find(name)) out[name] = *found;
    }
    return out;
}

std::string scalar(const Value& value) {
    return value.string() ? *value.string() : wire::write_json(value);
}

// The function's variables, with those of Globals that it has not itself.
Result<Value> variables_of(const Value& properties, const Value& globals) {
    Value variables = Value::map();
    for (const Value* source : {&globals, &properties}) {
        const Value& environment = member(*source, "Environment");
        const Value& given = member(environment, "Variables");
        const bool is_plain = (environment.is_null() || environment.members()) &&
                              (given.is_null() || given.members());
        if (!is_plain || environment.find("Fn::If") || given.find("Fn::If"))
            return fail("local", "Environment and its Variables must be maps to run locally");
        if (!given.members()) continue;
        for (const auto& [name, value] : *given.members()) variables[name] = value;
    }
    return variables;
}

// The values of --env-vars for variables that the function has.
void override_variables(Value& variables, const Value& overrides) {
    if (!overrides.members()) return;
    for (const auto& [name, value] : *overrides.members()) {
        if (variables.find(name)) variables[name] = scalar(value);
    }
}

// The layers of the template that a value refers to.
void find_layers(const Value& value, const Names& names, std::set<std::string>& layers) {
    if (const Value::List* items = value.items()) {
        for (const Value& item : *items) find_layers(item, names, layers);
    }
    if (!value.members()) return;
    for (const auto& [name, item] : *value.members()) {
        if (name == "Ref" && item.string() && names.is_layer(*item.string()))
            layers.insert(*item.string());
        find_layers(item, names, layers);
    }
}

struct Plan {
    const Names& names;
    const LocalNames& facts;
    const Value& document;
    const Value& globals;  // of functions, as far as they are kept
    const Value& overrides;

    Result<Value> function(const LocalFunction& function) const;
    Result<Value> layer(const std::string& id) const;
};

Result<Value> Plan::layer(const std::string& id) const {
    const Value& source = member(member(document, "Resources"), id);
    Value out;
    out["Type"] = wire::text_of(source, "Type");
    if (const Value* condition = source.find("Condition")) out["Condition"] = *condition;
    MILL_TRY(out["Properties"], names.resolve(member(source, "Properties")));
    return out;
}

Result<Value> Plan::function(const LocalFunction& function) const {
    const Value& source = member(member(document, "Resources"), function.logical_id);
    Value properties = kept(member(source, "Properties"));
    const bool is_sam = wire::text_of(source, "Type") == "AWS::Serverless::Function";
    MILL_TRY(Value variables, variables_of(properties, is_sam ? globals : none));
    for (const std::string& name : {std::string("Parameters"), function.name, function.logical_id})
        override_variables(variables, member(overrides, name));
    properties["Environment"] = Value::Map{{"Variables", std::move(variables)}};
    MILL_TRY(properties, names.resolve(properties));
    properties["FunctionName"] = function.name;
    properties["Role"] = "arn:aws:iam::" + facts.account + ":role/local";
    variables = std::move(properties["Environment"]["Variables"]);
    variables["AWS_SAM_LOCAL"] = "true";
    if (!facts.endpoint_url.empty() && !variables.find("AWS_ENDPOINT_URL"))
        variables["AWS_ENDPOINT_URL"] = facts.endpoint_url;
    properties["Environment"]["Variables"] = std::move(variables);
    Value out;
    out["Type"] = wire::text_of(source, "Type");
    if (const Value* condition = source.find("Condition")) out["Condition"] = *condition;
    out["Properties"] = std::move(properties);
    return out;
}

Result<void> give_parameters(Value& document, const LocalNames& names) {
    for (const auto& [name, value] : names.parameters) {
        Value* declared = document.find("Parameters");
        if (declared) declared = declared->find(name);
        if (!declared) return fail("usage", "the template has no parameter " + name);
        (*declared)["Default"] = value;
    }
    // The server that runs it has nothing in SSM; what it stands for has been looked up.
    Value* all = document.find("Parameters");
    if (!all || !all->members()) return {};
    for (auto& [name, declared] : *all->members()) {
        const std::string type = wire::text_of(declared, "Type");
        if (type.starts_with("AWS::SSM::Parameter"))
            declared["Type"] = type.contains("List") ? "CommaDelimitedList" : "String";
    }
    return {};
}

}  // namespace

std::vector<LocalFunction> local_functions(const Value& document, const LocalNames& names) {
    const Value& globals = member(member(document, "Globals"), "Function");
    const Names meanings(document, names);
    std::vector<LocalFunction> functions;
    for (const CodeSource& source : functions_of(document)) {
        const Value& properties =
            member(member(member(document, "Resources"), source.logical_id), "Properties");
        functions.push_back(
            {.logical_id = source.logical_id,
             .name = meanings.ref(source.logical_id),
             .handler = wire::text_of(properties, "Handler", wire::text_of(globals, "Handler")),
             .runtime = source.runtime});
    }
    return functions;
}

std::vector<LocalFunction> under_both_names(std::vector<LocalFunction> functions) {
    std::vector<LocalFunction> all = functions;
    for (LocalFunction& function : functions) {
        if (function.name == function.logical_id) continue;
        function.name = function.logical_id;
        all.push_back(std::move(function));
    }
    return all;
}

Result<Value> local_template(const Value& document, const std::vector<LocalFunction>& functions,
                             const LocalNames& names, const Value& overrides, bool both_names) {
    const Names meanings(document, names);
    Value out;
    for (const char* section :
         {"AWSTemplateFormatVersion", "Transform", "Parameters", "Mappings", "Conditions"}) {
        if (const Value* found = document.find(section)) out[section] = *found;
    }
    MILL_CHECK(give_parameters(out, names));
    const Value globals = kept(member(member(document, "Globals"), "Function"));
    Value shared = globals;
    shared.erase("Environment");  // the functions have it, with what --env-vars says
    MILL_TRY(shared, meanings.resolve(shared));
    if (!shared.members()->empty()) out["Globals"]["Function"] = std::move(shared);
    const Plan plan{meanings, names, document, globals, overrides};
    for (const LocalFunction& function : both_names ? under_both_names(functions) : functions) {
        const bool is_second = out["Resources"].find(function.logical_id) != nullptr;
        const std::string id = function.logical_id + (is_second ? "ByLogicalId" : "");
        MILL_TRY(out["Resources"][id], plan.function(function));
    }
    std::set<std::string> layers;
    find_layers(out, meanings, layers);
    for (const std::string& id : layers) {
        MILL_TRY(out["Resources"][id], plan.layer(id));
    }
    return out;
}

}  // namespace mill::cli
