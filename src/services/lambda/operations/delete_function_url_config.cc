// SPDX-License-Identifier: Apache-2.0
// DeleteFunctionUrlConfig:
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionUrlConfig.html
#include "services/lambda/lambda.h"
#include "services/lambda/urls/function_urls.h"

namespace mill::lambda {
namespace {

Task<Result<wire::Empty>> delete_function_url_config(Lambda& lambda, Caller caller,
                                                     UrlReferenceInput input) {
    MILL_CO_TRY(FunctionReference function,
                url_function(caller, input.function_name, input.qualifier));
    MILL_CO_CHECK(co_await lambda.urls().remove(std::move(function)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_function_url_config_operation;
const wire::Operation delete_function_url_config_operation =
    wire::operation<&delete_function_url_config>(
        "DeleteFunctionUrlConfig", {.method = "DELETE", .path = url_path, .status = 204});

}  // namespace mill::lambda
