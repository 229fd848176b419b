// SPDX-License-Identifier: Apache-2.0
// UpdateAlias: the next invocation goes where it says.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<AliasConfiguration>> update_alias(Lambda& lambda, Caller caller,
                                              UpdateAliasInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_TRY(const AliasPtr alias,
                co_await lambda.functions().update_alias(reference.id, std::move(input)));
    co_return describe(*alias);
}

}  // namespace

extern const wire::Operation update_alias_operation;
const wire::Operation update_alias_operation =
    wire::operation<&update_alias>("UpdateAlias", {.method = "PUT", .path = alias_path});

}  // namespace mill::lambda
