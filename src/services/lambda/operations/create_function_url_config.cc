// SPDX-License-Identifier: Apache-2.0
// CreateFunctionUrlConfig: answers on this server's own port, at a name below localhost.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html
#include "services/lambda/lambda.h"
#include "services/lambda/urls/function_urls.h"

namespace mill::lambda {
namespace {

Task<Result<UrlConfig>> create_function_url_config(Lambda& lambda, Caller caller,
                                                   CreateUrlInput input) {
    MILL_CO_TRY(FunctionReference function,
                url_function(caller, input.function_name, input.qualifier));
    MILL_CO_TRY(const FunctionUrlPtr url,
                co_await lambda.urls().create(std::move(function), {input.auth_type, input.cors}));
    UrlConfig config = lambda.urls().describe(*url, caller);
    config.modified.reset();
    co_return config;
}

}  // namespace

extern const wire::Operation create_function_url_config_operation;
const wire::Operation create_function_url_config_operation =
    wire::operation<&create_function_url_config>(
        "CreateFunctionUrlConfig", {.method = "POST", .path = url_path, .status = 201});

}  // namespace mill::lambda
