// SPDX-License-Identifier: Apache-2.0
// GetFunctionEventInvokeConfig: what was set.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html
#include "services/lambda/invocations/event_invoke_config.h"

namespace mill::lambda {
namespace {

Task<Result<EventInvokeConfig>> get_function_event_invoke_config(Lambda& lambda, Caller caller,
                                                                 EventInvokeConfigReference input) {
    MILL_CO_TRY(const auto function, parse_function_name(caller, input.function_name.value_or(""),
                                                         input.qualifier.value_or("")));
    MILL_CO_TRY(const auto settings, need_event_settings(lambda, function));
    co_return describe(function, settings);
}

}  // namespace

extern const wire::Operation get_function_event_invoke_config_operation;
const wire::Operation get_function_event_invoke_config_operation =
    wire::operation<&get_function_event_invoke_config>(
        "GetFunctionEventInvokeConfig", {.method = "GET", .path = event_invoke_config_path});

}  // namespace mill::lambda
