// SPDX-License-Identifier: Apache-2.0
// UpdateFunctionConfiguration: members that are absent stay as they are.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"
#include "services/lambda/mappings/mappings.h"

namespace mill::lambda {
namespace {

Task<Result<FunctionConfiguration>> update_function_configuration(
    Lambda& lambda, Caller caller, UpdateFunctionConfigurationInput input) {
    if (input.timeout) {
        MILL_CO_TRY(const FunctionReference named,
                    parse_function_name(caller, *input.function_name, ""));
        MILL_CO_CHECK(lambda.mappings().check_timeout(named.id.arn(), *input.timeout));
    }
    MILL_CO_TRY(const FunctionPtr function, co_await lambda.functions().update_configuration(
                                                std::move(caller), std::move(input)));
    co_return configuration_of(*function, Shown::updated);
}

}  // namespace

extern const wire::Operation update_function_configuration_operation;
const wire::Operation update_function_configuration_operation =
    wire::operation<&update_function_configuration>(
        "UpdateFunctionConfiguration",
        {.method = "PUT", .path = "/2015-03-31/functions/{FunctionName}/configuration"});

}  // namespace mill::lambda
