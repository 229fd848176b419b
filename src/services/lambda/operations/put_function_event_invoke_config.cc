// SPDX-License-Identifier: Apache-2.0
// PutFunctionEventInvokeConfig: what becomes of asynchronous invocations; what it does not say is
// as it was never set.
// https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
#include "services/lambda/invocations/event_invoke_config.h"

namespace mill::lambda {
namespace {

Task<Result<EventInvokeConfig>> put_function_event_invoke_config(Lambda& lambda, Caller caller,
                                                                 EventInvokeConfigInput input) {
    MILL_CO_TRY(auto function,
                event_function(lambda, caller, input.function_name, input.qualifier));
    co_return co_await change_event_settings(lambda, std::move(function), {}, std::move(input));
}

}  // namespace

extern const wire::Operation put_function_event_invoke_config_operation;
const wire::Operation put_function_event_invoke_config_operation =
    wire::operation<&put_function_event_invoke_config>(
        "PutFunctionEventInvokeConfig", {.method = "PUT", .path = event_invoke_config_path});

}  // namespace mill::lambda
