// SPDX-License-Identifier: Apache-2.0
// AWS::Lambda::Alias: led to other versions in place.
#include "services/lambda/functions/functions.h"
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"

namespace mill::lambda {
namespace {

constexpr std::string_view create_only[] = {"FunctionName", "Name"};

struct Weight {
    std::optional<std::string> version;
    std::optional<double> weight;
    static constexpr auto shape() {
        return wire::structure("VersionWeight",
                               wire::member<&Weight::version>("FunctionVersion").required(),
                               wire::member<&Weight::weight>("FunctionWeight").required());
    }
};
struct Routing {
    std::optional<std::vector<Weight>> weights;
    static constexpr auto shape() {
        return wire::structure("AliasRoutingConfiguration",
                               wire::member<&Routing::weights>("AdditionalVersionWeights"));
    }
};
struct Properties {
    std::optional<std::string> function_name, name, version, description;
    std::optional<Routing> routing;

    static constexpr auto shape() {
        using P = Properties;
        using wire::member;
        return wire::structure(
            "AWS::Lambda::Alias", member<&P::function_name>("FunctionName").required(),
            member<&P::name>("Name").required().length(1, 128),
            member<&P::version>("FunctionVersion")
                .required()
                .length(1, 1024)
                .pattern(alias_version_pattern),
            member<&P::description>("Description").length(0, 256),
            member<&P::routing>("RoutingConfig"),
            wire::refused("ProvisionedConcurrencyConfig",
                          "Leave it out: environments start when they are needed."));
    }
    // What the template does not name is as it was never set.
    AliasRouting alias_routing() const {
        std::map<std::string, double> weights;
        if (routing && routing->weights) {
            for (const Weight& one : *routing->weights) weights[*one.version] = *one.weight;
        }
        return {weights};
    }
};

ports::Resource resource_of(const Alias& alias) {
    ports::Resource resource{.physical_id = alias.arn()};
    resource.attributes["AliasArn"] = alias.arn();
    return resource;
}

Task<Result<ports::Resource>> create_alias(Lambda& lambda, ports::ResourceRequest request) {
    MILL_CO_TRY(const Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(const FunctionReference function,
                parse_unqualified_name(request.caller, *properties.function_name));
    CreateAliasInput input{.name = properties.name,
                           .version = properties.version,
                           .description = properties.description,
                           .routing = properties.alias_routing()};
    MILL_CO_TRY(const AliasPtr alias,
                co_await lambda.functions().create_alias(function.id, std::move(input)));
    co_return resource_of(*alias);
}

Task<Result<ports::Resource>> update_alias(Lambda& lambda, ports::ResourceRequest request,
                                           std::string, wire::Value) {
    MILL_CO_TRY(const Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(const FunctionReference function,
                parse_unqualified_name(request.caller, *properties.function_name));
    UpdateAliasInput input{.name = properties.name,
                           .version = properties.version,
                           .description = properties.description.value_or(""),
                           .routing = properties.alias_routing()};
    MILL_CO_TRY(const AliasPtr alias,
                co_await lambda.functions().update_alias(function.id, std::move(input)));
    co_return resource_of(*alias);
}

Task<Result<void>> remove_alias(Lambda& lambda, ports::ResourceRequest request,
                                std::string physical_id) {
    MILL_CO_TRY(const FunctionReference alias,
                parse_function_name(request.caller, physical_id, ""));
    co_return co_await lambda.functions().remove_alias(alias.id, alias.qualifier);
}

}  // namespace

const ResourceType alias_resource{"AWS::Lambda::Alias", create_only, &create_alias, &update_alias,
                                  &remove_alias};

}  // namespace mill::lambda
