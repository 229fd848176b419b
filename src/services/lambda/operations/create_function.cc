// SPDX-License-Identifier: Apache-2.0
// CreateFunction: keeps and extracts the code, then the function. The answer says Pending; the
// function is Active and durable by then.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<FunctionConfiguration>> create_function(Lambda& lambda, Caller caller,
                                                    CreateFunctionInput input) {
    MILL_CO_TRY(const FunctionPtr function,
                co_await lambda.functions().create(std::move(caller), std::move(input)));
    FunctionConfiguration configuration = configuration_of(*function, Shown::created);
    configuration.function_arn = function->id().arn();  // also of the version that was published
    co_return configuration;
}

}  // namespace

extern const wire::Operation create_function_operation;
const wire::Operation create_function_operation = wire::operation<&create_function>(
    "CreateFunction", {.method = "POST", .path = "/2015-03-31/functions", .status = 201});

}  // namespace mill::lambda
