// SPDX-License-Identifier: Apache-2.0
// GetFunctionUrlConfig:
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html
#include "services/lambda/lambda.h"
#include "services/lambda/urls/function_urls.h"

namespace mill::lambda {
namespace {

Task<Result<UrlConfig>> get_function_url_config(Lambda& lambda, Caller caller,
                                                UrlReferenceInput input) {
    MILL_CO_TRY(const FunctionReference function,
                url_function(caller, input.function_name, input.qualifier));
    MILL_CO_TRY(const FunctionUrlPtr url, lambda.urls().of(function));
    co_return lambda.urls().describe(*url, caller);
}

}  // namespace

extern const wire::Operation get_function_url_config_operation;
const wire::Operation get_function_url_config_operation = wire::operation<&get_function_url_config>(
    "GetFunctionUrlConfig", {.method = "GET", .path = url_path});

}  // namespace mill::lambda
