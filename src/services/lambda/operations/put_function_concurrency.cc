// SPDX-License-Identifier: Apache-2.0
// PutFunctionConcurrency: so many invocations of all its versions at once, and no more.
// https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
#include "services/lambda/functions/concurrency.h"
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

struct PutFunctionConcurrencyInput {
    std::optional<std::string> function_name;
    std::optional<std::int64_t> reserved;
    static constexpr auto shape() {
        using I = PutFunctionConcurrencyInput;
        return wire::structure("PutFunctionConcurrencyRequest",
                               wire::member<&I::function_name>("FunctionName").required().uri(),
                               wire::member<&I::reserved>("ReservedConcurrentExecutions")
                                   .required()
                                   .range(0, wire::unbounded_above));
    }
};

Task<Result<Concurrency>> put_function_concurrency(Lambda& lambda, Caller caller,
                                                   PutFunctionConcurrencyInput input) {
    MILL_CO_TRY(const FunctionReference function,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_CHECK(co_await lambda.functions().reserve_concurrency(function.id, input.reserved,
                                                                  lambda.concurrency()));
    co_return Concurrency{input.reserved};
}

}  // namespace

extern const wire::Operation put_function_concurrency_operation;
const wire::Operation put_function_concurrency_operation =
    wire::operation<&put_function_concurrency>(
        "PutFunctionConcurrency",
        {.method = "PUT", .path = "/2017-10-31/functions/{FunctionName}/concurrency"});

}  // namespace mill::lambda
