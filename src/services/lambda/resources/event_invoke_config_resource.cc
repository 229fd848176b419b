// SPDX-License-Identifier: Apache-2.0
// AWS::Lambda::EventInvokeConfig.
#include "services/lambda/invocations/event_invoke_config.h"
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"

namespace mill::lambda {
namespace {

constexpr std::string_view create_only[] = {"FunctionName", "Qualifier"};

struct Properties {
    std::optional<std::string> function_name, qualifier;
    std::optional<std::int64_t> retries_max, age_seconds_max;
    std::optional<DestinationConfig> destinations;

    static constexpr auto shape() {
        using P = Properties;
        using wire::member;
        return wire::structure(
            "AWS::Lambda::EventInvokeConfig", member<&P::destinations>("DestinationConfig"),
            member<&P::function_name>("FunctionName").required(),
            member<&P::age_seconds_max>("MaximumEventAgeInSeconds")
                .range(60, event_age_seconds_default),
            member<&P::retries_max>("MaximumRetryAttempts").range(0, event_retries_default),
            member<&P::qualifier>("Qualifier").required());
    }
};

// As the API's Put: what the template does not say is as it was never set.
Task<Result<ports::Resource>> put(Lambda& lambda, FunctionReference function,
                                  Properties properties) {
    EventInvokeConfigInput input{.retries_max = properties.retries_max,
                                 .age_seconds_max = properties.age_seconds_max,
                                 .destinations = std::move(properties.destinations)};
    ports::Resource resource{.physical_id = function.arn()};
    MILL_CO_CHECK(
        co_await change_event_settings(lambda, std::move(function), {}, std::move(input)));
    co_return resource;
}

Task<Result<ports::Resource>> create_event_invoke_config(Lambda& lambda,
                                                         ports::ResourceRequest request) {
    MILL_CO_TRY(Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(auto function, event_function(lambda, request.caller, properties.function_name,
                                              properties.qualifier));
    if (need_event_settings(lambda, function)) {
        co_return fail("AlreadyExistsException",
                       "The function " + function.arn() + " already has an EventInvokeConfig.",
                       409);
    }
    co_return co_await put(lambda, std::move(function), std::move(properties));
}

Task<Result<ports::Resource>> update_event_invoke_config(Lambda& lambda,
                                                         ports::ResourceRequest request,
                                                         std::string, wire::Value) {
    MILL_CO_TRY(Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(auto function, event_function(lambda, request.caller, properties.function_name,
                                              properties.qualifier));
    co_return co_await put(lambda, std::move(function), std::move(properties));
}

Task<Result<void>> remove_event_invoke_config(Lambda& lambda, ports::ResourceRequest request,
                                              std::string physical_id) {
    MILL_CO_TRY(auto function, parse_function_name(request.caller, physical_id, ""));
    co_return co_await drop_event_settings(lambda, std::move(function));
}

}  // namespace

const ResourceType event_invoke_config_resource{
    "AWS::Lambda::EventInvokeConfig", create_only, &create_event_invoke_config,
    &update_event_invoke_config, &remove_event_invoke_config};

}  // namespace mill::lambda
