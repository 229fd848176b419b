// SPDX-License-Identifier: Apache-2.0
// CreateAlias: a name for a version. Which version it leads to is decided at each invocation.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<AliasConfiguration>> create_alias(Lambda& lambda, Caller caller,
                                              CreateAliasInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_TRY(const AliasPtr alias,
                co_await lambda.functions().create_alias(reference.id, std::move(input)));
    co_return describe(*alias);
}

}  // namespace

extern const wire::Operation create_alias_operation;
const wire::Operation create_alias_operation = wire::operation<&create_alias>(
    "CreateAlias",
    {.method = "POST", .path = "/2015-03-31/functions/{FunctionName}/aliases", .status = 201});

}  // namespace mill::lambda
