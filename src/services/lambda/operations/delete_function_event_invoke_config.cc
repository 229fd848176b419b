// SPDX-License-Identifier: Apache-2.0
// DeleteFunctionEventInvokeConfig: back to what holds without settings.
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionEventInvokeConfig.html
#include "services/lambda/invocations/event_invoke_config.h"

namespace mill::lambda {
namespace {

Task<Result<wire::Empty>> delete_function_event_invoke_config(Lambda& lambda, Caller caller,
                                                              EventInvokeConfigReference input) {
    MILL_CO_TRY(auto function, parse_function_name(caller, input.function_name.value_or(""),
                                                   input.qualifier.value_or("")));
    MILL_CO_CHECK(need_event_settings(lambda, function));
    MILL_CO_CHECK(co_await drop_event_settings(lambda, std::move(function)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_function_event_invoke_config_operation;
const wire::Operation delete_function_event_invoke_config_operation =
    wire::operation<&delete_function_event_invoke_config>(
        "DeleteFunctionEventInvokeConfig",
        {.method = "DELETE", .path = event_invoke_config_path, .status = 204});

}  // namespace mill::lambda
