// SPDX-License-Identifier: Apache-2.0
// The shapes of PutFunctionEventInvokeConfig and the operations beside it.
#pragma once

#include "services/lambda/functions/functions.h"
#include "services/lambda/invocations/event_settings.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {

constexpr std::string_view event_invoke_config_path =
    "/2019-09-25/functions/{FunctionName}/event-invoke-config";

struct EventInvokeConfigInput {
    std::optional<std::string> function_name, qualifier;
    std::optional<std::int64_t> retries_max, age_seconds_max;
    std::optional<DestinationConfig> destinations;

    static constexpr auto shape() {
        using I = EventInvokeConfigInput;
        using wire::member;
        return wire::structure(
            "PutFunctionEventInvokeConfigRequest",
            member<&I::function_name>("FunctionName").required().uri(),
            member<&I::qualifier>("Qualifier").query("Qualifier"),
            member<&I::retries_max>("MaximumRetryAttempts").range(0, event_retries_default),
            member<&I::age_seconds_max>("MaximumEventAgeInSeconds")
                .range(60, event_age_seconds_default),
            member<&I::destinations>("DestinationConfig"));
    }
};

struct EventInvokeConfigReference {
    std::optional<std::string> function_name, qualifier;
    static constexpr auto shape() {
        using I = EventInvokeConfigReference;
        return wire::structure("FunctionEventInvokeConfigRequest",
                               wire::member<&I::function_name>("FunctionName").required().uri(),
                               wire::member<&I::qualifier>("Qualifier").query("Qualifier"));
    }
};

struct EventInvokeConfig {
    WallTime modified;
    std::string function_arn;
    std::optional<std::int64_t> retries_max, age_seconds_max;
    DestinationConfig destinations;

    static constexpr auto shape() {
        using C = EventInvokeConfig;
        using wire::member;
        return wire::structure("FunctionEventInvokeConfig", member<&C::modified>("LastModified"),
                               member<&C::function_arn>("FunctionArn"),
                               member<&C::retries_max>("MaximumRetryAttempts"),
                               member<&C::age_seconds_max>("MaximumEventAgeInSeconds"),
                               member<&C::destinations>("DestinationConfig"));
    }
};

// The function, version or alias that a request means. ResourceNotFoundException if it is not
// there.
Result<FunctionReference> event_function(Lambda& lambda, const Caller& caller,
                                         const std::optional<std::string>& name,
                                         const std::optional<std::string>& qualifier);
// ResourceNotFoundException: nothing was set.
Result<EventSettings> need_event_settings(Lambda& lambda, const FunctionReference& function);
EventInvokeConfig describe(const FunctionReference& function, const EventSettings& settings);
// Durable when done. `before`: what holds unless the input says otherwise.
Task<Result<EventInvokeConfig>> change_event_settings(Lambda& lambda, FunctionReference function,
                                                      EventSettings before,
                                                      EventInvokeConfigInput input);
Task<Result<void>> drop_event_settings(Lambda& lambda, FunctionReference function);

}  // namespace mill::lambda
