// SPDX-License-Identifier: Apache-2.0
// UpdateFunctionEventInvokeConfig: as PutFunctionEventInvokeConfig, but what it does not say stays.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionEventInvokeConfig.html
#include "services/lambda/invocations/event_invoke_config.h"

namespace mill::lambda {
namespace {

Task<Result<EventInvokeConfig>> update_function_event_invoke_config(Lambda& lambda, Caller caller,
                                                                    EventInvokeConfigInput input) {
    MILL_CO_TRY(auto function,
                event_function(lambda, caller, input.function_name, input.qualifier));
    MILL_CO_TRY(auto before, need_event_settings(lambda, function));
    co_return co_await change_event_settings(lambda, std::move(function), std::move(before),
                                             std::move(input));
}

}  // namespace

extern const wire::Operation update_function_event_invoke_config_operation;
const wire::Operation update_function_event_invoke_config_operation =
    wire::operation<&update_function_event_invoke_config>(
        "UpdateFunctionEventInvokeConfig", {.method = "POST", .path = event_invoke_config_path});

}  // namespace mill::lambda
