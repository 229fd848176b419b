// SPDX-License-Identifier: Apache-2.0
// RemovePermission.
// https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

struct RemovePermissionInput {
    std::optional<std::string> function_name, sid, qualifier, revision_id;
    static constexpr auto shape() {
        using I = RemovePermissionInput;
        using wire::member;
        return wire::structure("RemovePermissionRequest",
                               member<&I::function_name>("FunctionName").required().uri(),
                               member<&I::sid>("StatementId")
                                   .required()
                                   .length(1, 100)
                                   .pattern("([a-zA-Z0-9-_.]+)")
                                   .uri(),
                               member<&I::qualifier>("Qualifier").query("Qualifier"),
                               member<&I::revision_id>("RevisionId").query("RevisionId"));
    }
};

Task<Result<wire::Empty>> remove_permission(Lambda& lambda, Caller caller,
                                            RemovePermissionInput input) {
    MILL_CO_TRY(const FunctionReference function,
                parse_function_name(caller, *input.function_name, input.qualifier.value_or("")));
    MILL_CO_CHECK(co_await lambda.functions().remove_permission(function, *std::move(input.sid),
                                                                std::move(input.revision_id)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation remove_permission_operation;
const wire::Operation remove_permission_operation = wire::operation<&remove_permission>(
    "RemovePermission", {.method = "DELETE",
                         .path = "/2015-03-31/functions/{FunctionName}/policy/{StatementId}",
                         .status = 204});

}  // namespace mill::lambda
