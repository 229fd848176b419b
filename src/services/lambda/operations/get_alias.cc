// SPDX-License-Identifier: Apache-2.0
// GetAlias.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<AliasConfiguration>> get_alias(Lambda& lambda, Caller caller, AliasReference input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    const AliasPtr alias = lambda.functions().find_alias(reference.id, *input.name);
    if (!alias) {
        co_return fail(
            "ResourceNotFoundException",
            "Cannot find alias arn: " + FunctionReference{reference.id, *input.name}.arn(), 404);
    }
    co_return describe(*alias);
}

}  // namespace

extern const wire::Operation get_alias_operation;
const wire::Operation get_alias_operation =
    wire::operation<&get_alias>("GetAlias", {.method = "GET", .path = alias_path});

}  // namespace mill::lambda
