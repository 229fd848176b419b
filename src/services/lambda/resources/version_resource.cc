// SPDX-License-Identifier: Apache-2.0
// AWS::Lambda::Version. Nothing of it changes: a changed template makes another.
#include <fmt/format.h>

#include "services/lambda/functions/functions.h"
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"

namespace mill::lambda {
namespace {

constexpr std::string_view create_only[] = {"FunctionName",  "CodeSha256",
                                            "Description",   "FunctionScalingConfig",
                                            "RuntimePolicy", "ProvisionedConcurrencyConfig"};

struct Properties {
    std::optional<std::string> function_name, code_sha256, description;

    static constexpr auto shape() {
        using P = Properties;
        using wire::member;
        return wire::structure(
            "AWS::Lambda::Version", member<&P::function_name>("FunctionName").required(),
            member<&P::code_sha256>("CodeSha256"),
            member<&P::description>("Description").length(0, 256),
            wire::refused("FunctionScalingConfig", "Leave it out: functions run on demand."),
            wire::refused("ProvisionedConcurrencyConfig",
                          "Leave it out: environments start when they are needed."),
            wire::refused("RuntimePolicy", "Leave it out: runtimes are those of this machine."));
    }
};

ports::Resource resource_of(const Function& version) {
    ports::Resource resource{.physical_id = version.arn()};
    resource.attributes["FunctionArn"] = version.arn();
    resource.attributes["Version"] = version.version;
    return resource;
}

Task<Result<ports::Resource>> create_version(Lambda& lambda, ports::ResourceRequest request) {
    MILL_CO_TRY(Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(const FunctionReference function,
                parse_unqualified_name(request.caller, *properties.function_name));
    const auto before = lambda.functions().versions(function.id);
    PublishVersionInput input{.code_sha256 = std::move(properties.code_sha256),
                              .description = std::move(properties.description)};
    MILL_CO_TRY(const FunctionPtr version,
                co_await lambda.functions().publish_version(function.id, std::move(input)));
    if (!before.empty() && before.back()->version == version->version) {
        co_return fail("AlreadyExistsException",
                       fmt::format("A version for this Lambda function exists ( {} ). Modify the "
                                   "function to create a new version.",
                                   version->version),
                       409);
    }
    co_return resource_of(*version);
}

Task<Result<ports::Resource>> update_version(Lambda& lambda, ports::ResourceRequest request,
                                             std::string physical_id, wire::Value) {
    MILL_CO_TRY(Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(const FunctionReference function,
                parse_unqualified_name(request.caller, *properties.function_name));
    if (const auto version = parse_function_name(request.caller, physical_id, "")) {
        const auto known = lambda.functions().find(*version);
        if (known && (*known)->is_published()) co_return resource_of(**known);
    }
    // Published before a crash that nobody remembers the answer of.
    const auto versions = lambda.functions().versions(function.id);
    if (versions.size() < 2) co_return std::unexpected(function_not_found(function.id.arn()));
    co_return resource_of(*versions.back());
}

Task<Result<void>> remove_version(Lambda& lambda, ports::ResourceRequest request,
                                  std::string physical_id) {
    MILL_CO_TRY(const FunctionReference version,
                parse_function_name(request.caller, physical_id, ""));
    const auto number = version_number(version.qualifier);
    if (!number || !lambda.functions().find(version)) co_return Result<void>();
    co_return co_await lambda.functions().remove_version(version.id, *number);
}

}  // namespace

const ResourceType version_resource{"AWS::Lambda::Version", create_only, &create_version,
                                    &update_version, &remove_version};

}  // namespace mill::lambda
