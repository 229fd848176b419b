// SPDX-License-Identifier: Apache-2.0
// GetFunctionConcurrency: empty if nothing is reserved.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
#include "services/lambda/functions/concurrency.h"
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<Concurrency>> get_function_concurrency(Lambda& lambda, Caller caller,
                                                   ConcurrencyReference input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_TRY(const FunctionPtr function,
                lambda.functions().find({reference.id, std::string(latest_version)}));
    co_return Concurrency{function->reserved_concurrency};
}

}  // namespace

extern const wire::Operation get_function_concurrency_operation;
const wire::Operation get_function_concurrency_operation =
    wire::operation<&get_function_concurrency>(
        "GetFunctionConcurrency",
        {.method = "GET", .path = "/2019-09-30/functions/{FunctionName}/concurrency"});

}  // namespace mill::lambda
