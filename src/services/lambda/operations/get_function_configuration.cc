// SPDX-License-Identifier: Apache-2.0
// GetFunctionConfiguration.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

struct Input {
    std::optional<std::string> function_name, qualifier;
    static constexpr auto shape() {
        return wire::structure("GetFunctionConfigurationRequest",
                               wire::member<&Input::function_name>("FunctionName").required().uri(),
                               wire::member<&Input::qualifier>("Qualifier").query("Qualifier"));
    }
};

Task<Result<FunctionConfiguration>> get_function_configuration(Lambda& lambda, Caller caller,
                                                               Input input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_function_name(caller, *input.function_name, input.qualifier.value_or("")));
    MILL_CO_TRY(const FunctionPtr function, lambda.functions().find(reference));
    FunctionConfiguration configuration = configuration_of(*function, Shown::settled);
    configuration.function_arn = reference.arn();
    co_return configuration;
}

}  // namespace

extern const wire::Operation get_function_configuration_operation;
const wire::Operation get_function_configuration_operation =
    wire::operation<&get_function_configuration>(
        "GetFunctionConfiguration",
        {.method = "GET", .path = "/2015-03-31/functions/{FunctionName}/configuration"});

}  // namespace mill::lambda
