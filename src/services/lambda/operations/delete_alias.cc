// SPDX-License-Identifier: Apache-2.0
// DeleteAlias: one that is not there is a success.
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<wire::Empty>> delete_alias(Lambda& lambda, Caller caller, AliasReference input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_CHECK(co_await lambda.functions().remove_alias(reference.id, *std::move(input.name)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_alias_operation;
const wire::Operation delete_alias_operation = wire::operation<&delete_alias>(
    "DeleteAlias", {.method = "DELETE", .path = alias_path, .status = 204});

}  // namespace mill::lambda
