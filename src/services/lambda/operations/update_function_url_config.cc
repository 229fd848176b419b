// SPDX-License-Identifier: Apache-2.0
// UpdateFunctionUrlConfig: members that are absent stay as they are.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionUrlConfig.html
#include "services/lambda/lambda.h"
#include "services/lambda/urls/function_urls.h"

namespace mill::lambda {
namespace {

Task<Result<UrlConfig>> update_function_url_config(Lambda& lambda, Caller caller,
                                                   UpdateUrlInput input) {
    MILL_CO_TRY(FunctionReference function,
                url_function(caller, input.function_name, input.qualifier));
    MILL_CO_TRY(const FunctionUrlPtr url,
                co_await lambda.urls().update(std::move(function), {input.auth_type, input.cors}));
    co_return lambda.urls().describe(*url, caller);
}

}  // namespace

extern const wire::Operation update_function_url_config_operation;
const wire::Operation update_function_url_config_operation =
    wire::operation<&update_function_url_config>("UpdateFunctionUrlConfig",
                                                 {.method = "PUT", .path = url_path});

}  // namespace mill::lambda
