// SPDX-License-Identifier: Apache-2.0
// DeleteFunctionConcurrency: the function shares what is not reserved.
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionConcurrency.html
#include "services/lambda/functions/concurrency.h"
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<wire::Empty>> delete_function_concurrency(Lambda& lambda, Caller caller,
                                                      ConcurrencyReference input) {
    MILL_CO_TRY(const FunctionReference function,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_CHECK(co_await lambda.functions().reserve_concurrency(function.id, std::nullopt,
                                                                  lambda.concurrency()));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_function_concurrency_operation;
const wire::Operation delete_function_concurrency_operation =
    wire::operation<&delete_function_concurrency>(
        "DeleteFunctionConcurrency", {.method = "DELETE",
                                      .path = "/2017-10-31/functions/{FunctionName}/concurrency",
                                      .status = 204});

}  // namespace mill::lambda
