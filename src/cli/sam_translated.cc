// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_translated.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/local_server.h"

namespace mill::cli {
namespace {

using wire::Value;

// Any value will do for a parameter without one: rules about values are for the deployment.
void give_values(Value& document, const Pairs& given) {
    Value* declared = document.find("Parameters");
    if (!declared || !declared->members()) return;
    for (auto& [name, parameter] : *declared->members()) {
        const auto found = std::ranges::find(given, name, &Pairs::value_type::first);
        const bool is_known = found != given.end();
        const std::string type = wire::text_of(parameter, "Type", "String");
        if (!is_known && parameter.find("Default") && !type.starts_with("AWS::SSM::")) continue;
        const bool is_number = type.contains("Number");
        const bool is_list = type.contains("List");
        const auto& allowed = wire::list_of(parameter, "AllowedValues");
        Value plain;
        plain["Type"] = is_list ? "CommaDelimitedList" : is_number ? "Number" : "String";
        plain["Default"] = is_known           ? Value(found->second)
                           : !allowed.empty() ? allowed.front()
                           : is_number        ? Value("1")
                                              : Value("value");
        parameter = std::move(plain);
    }
}

// Local code is somewhere in S3 by the time it is deployed.
void give_code(Value& document) {
    for (const CodeSource& source : sources_of(document)) {
        if (!source.uri.empty()) set_code_uri(document, source.logical_id, "s3://bucket/value");
    }
}

Task<Result<Value>> make_change_set(AwsClient& client, const Value& document) {
    const AwsClient::Parameters parameters = {{"StackName", "translated"},
                                              {"ChangeSetName", "translated"},
                                              {"ChangeSetType", "CREATE"},
                                              {"TemplateBody", wire::write_json(document)},
                                              {"Capabilities.member.1", "CAPABILITY_NAMED_IAM"},
                                              {"Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"}};
    auto made = co_await cloudformation(client, "CreateChangeSet", parameters);
    if (!made) co_return fail("invalid", made.error().message);
    co_return co_await cloudformation(client, "DescribeChangeSet",
                                      {{"ChangeSetName", wire::text_of(*made, "Id")}});
}

std::string without_prefix(const std::string& reason) {
    constexpr std::string_view failed = " failed with: ";
    const std::size_t at = reason.find(failed);
    return reason.starts_with("Transform ") && at != std::string::npos
               ? reason.substr(at + failed.size())
               : reason;
}

}  // namespace

Task<Result<std::vector<TranslatedResource>>> translate_template(Session& session, Target target,
                                                                 Value document, Pairs parameters) {
    give_values(document, parameters);
    give_code(document);
    MILL_CO_TRY(const auto server,
                LocalServer::start(session, {.target = std::move(target),
                                             .more = {"--unsupported-resources", "record"}}));
    MILL_CO_CHECK(server->wait_ready());
    AwsClient client = server->client();
    MILL_CO_TRY(const Value change_set, co_await make_change_set(client, document));
    if (wire::text_of(change_set, "Status") != "CREATE_COMPLETE")
        co_return fail("invalid", without_prefix(wire::text_of(change_set, "StatusReason")));
    std::vector<TranslatedResource> resources;
    for (const Value& change : wire::list_of(change_set, "Changes")) {
        const Value* resource = change.find("ResourceChange");
        if (!resource) continue;
        resources.push_back({wire::text_of(*resource, "LogicalResourceId"),
                             wire::text_of(*resource, "ResourceType")});
    }
    co_return resources;
}

}  // namespace mill::cli
