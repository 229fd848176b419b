// SPDX-License-Identifier: Apache-2.0
// AWS::Lambda::Url.
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"
#include "services/lambda/urls/function_urls.h"

namespace mill::lambda {
namespace {

constexpr std::string_view create_only[] = {"TargetFunctionArn", "Qualifier"};

struct Properties {
    std::optional<std::string> function, qualifier, auth_type;
    std::optional<UrlCors> cors;
    static constexpr auto shape() {
        using P = Properties;
        using wire::member;
        return wire::structure("AWS::Lambda::Url",
                               member<&P::function>("TargetFunctionArn").required(),
                               member<&P::qualifier>("Qualifier"),
                               member<&P::auth_type>("AuthType").required().one_of(url_auth_values),
                               member<&P::cors>("Cors"), invoke_mode_member());
    }
};

ports::Resource resource_of(Lambda& lambda, const FunctionUrl& url, const Caller& caller) {
    UrlConfig config = lambda.urls().describe(url, caller);
    ports::Resource resource{.physical_id = config.function_arn};
    resource.attributes["FunctionArn"] = std::move(config.function_arn);
    resource.attributes["FunctionUrl"] = std::move(config.url);
    return resource;
}

Task<Result<ports::Resource>> create_url(Lambda& lambda, ports::ResourceRequest request) {
    MILL_CO_TRY(const auto properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(FunctionReference function,
                url_function(request.caller, properties.function, properties.qualifier));
    if (lambda.urls().of(function)) {
        co_return fail("AlreadyExistsException",
                       "The function " + function.arn() + " already has a URL.", 409);
    }
    MILL_CO_TRY(const FunctionUrlPtr url,
                co_await lambda.urls().create(std::move(function),
                                              {properties.auth_type, properties.cors}));
    co_return resource_of(lambda, *url, request.caller);
}

Task<Result<ports::Resource>> update_url(Lambda& lambda, ports::ResourceRequest request,
                                         std::string, wire::Value) {
    MILL_CO_TRY(auto properties, ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(FunctionReference function,
                url_function(request.caller, properties.function, properties.qualifier));
    // What the template no longer names goes.
    if (!properties.cors) properties.cors.emplace();
    MILL_CO_TRY(const FunctionUrlPtr url,
                co_await lambda.urls().update(std::move(function),
                                              {properties.auth_type, properties.cors}));
    co_return resource_of(lambda, *url, request.caller);
}

Task<Result<void>> remove_url(Lambda& lambda, ports::ResourceRequest request,
                              std::string physical_id) {
    MILL_CO_TRY(FunctionReference function, parse_function_name(request.caller, physical_id, ""));
    auto removed = co_await lambda.urls().remove(std::move(function));
    if (!removed && removed.error().code == "ResourceNotFoundException") co_return Result<void>();
    co_return removed;
}

}  // namespace

const ResourceType url_resource{"AWS::Lambda::Url", create_only, &create_url, &update_url,
                                &remove_url};

}  // namespace mill::lambda
