// SPDX-License-Identifier: Apache-2.0
// DeleteFunction: all versions and aliases with it, or one version. Invocations under way finish;
// idle environments end at once.
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

struct Input {
    std::optional<std::string> function_name, qualifier;
    static constexpr auto shape() {
        return wire::structure("DeleteFunctionRequest",
                               wire::member<&Input::function_name>("FunctionName").required().uri(),
                               wire::member<&Input::qualifier>("Qualifier").query("Qualifier"));
    }
};

Task<Result<wire::Empty>> delete_function(Lambda& lambda, Caller caller, Input input) {
    MILL_CO_TRY(FunctionReference reference,
                parse_function_name(caller, *input.function_name, input.qualifier.value_or("")));
    if (reference.qualifier == latest_version) {
        co_return fail("InvalidParameterValueException",
                       "$LATEST version cannot be deleted without deleting the function.", 400);
    }
    if (reference.qualifier.empty()) {
        MILL_CO_CHECK(co_await lambda.functions().remove(std::move(reference.id)));
    } else if (const auto number = version_number(reference.qualifier)) {
        MILL_CO_CHECK(co_await lambda.functions().remove_version(std::move(reference.id), *number));
    } else {
        co_return fail("InvalidParameterValueException",
                       "Deletion of aliases is not currently supported.", 400);
    }
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_function_operation;
const wire::Operation delete_function_operation = wire::operation<&delete_function>(
    "DeleteFunction",
    {.method = "DELETE", .path = "/2015-03-31/functions/{FunctionName}", .status = 204});

}  // namespace mill::lambda
