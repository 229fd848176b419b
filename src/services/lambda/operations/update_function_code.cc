// SPDX-License-Identifier: Apache-2.0
// UpdateFunctionCode: invocations under way keep the old code, later ones get the new. With Publish
// it answers the version.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<FunctionConfiguration>> update_function_code(Lambda& lambda, Caller caller,
                                                         UpdateFunctionCodeInput input) {
    MILL_CO_TRY(const FunctionPtr function,
                co_await lambda.functions().update_code(std::move(caller), std::move(input)));
    co_return configuration_of(*function,
                               function->is_published() ? Shown::created : Shown::updated);
}

}  // namespace

extern const wire::Operation update_function_code_operation;
const wire::Operation update_function_code_operation = wire::operation<&update_function_code>(
    "UpdateFunctionCode", {.method = "PUT", .path = "/2015-03-31/functions/{FunctionName}/code"});

}  // namespace mill::lambda
