// SPDX-License-Identifier: Apache-2.0
// GetPolicy.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/functions/policy.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

struct GetPolicyInput {
    std::optional<std::string> function_name, qualifier;
    static constexpr auto shape() {
        using I = GetPolicyInput;
        return wire::structure("GetPolicyRequest",
                               wire::member<&I::function_name>("FunctionName").required().uri(),
                               wire::member<&I::qualifier>("Qualifier").query("Qualifier"));
    }
};

struct GetPolicyOutput {
    std::string policy, revision_id;
    static constexpr auto shape() {
        using O = GetPolicyOutput;
        return wire::structure("GetPolicyResponse", wire::member<&O::policy>("Policy"),
                               wire::member<&O::revision_id>("RevisionId"));
    }
};

Task<Result<GetPolicyOutput>> get_policy(Lambda& lambda, Caller caller, GetPolicyInput input) {
    MILL_CO_TRY(const FunctionReference function,
                parse_function_name(caller, *input.function_name, input.qualifier.value_or("")));
    MILL_CO_TRY(const auto policy, find_policy(lambda.table(), function));
    if (!policy || !lambda.functions().find(function)) {
        co_return fail("ResourceNotFoundException", "The resource you requested does not exist.",
                       404);
    }
    co_return GetPolicyOutput{wire::write_json(document_of(function, *policy)),
                              policy->revision_id};
}

}  // namespace

extern const wire::Operation get_policy_operation;
const wire::Operation get_policy_operation =
    wire::operation<&get_policy>("GetPolicy", {.method = "GET", .path = policy_path});

}  // namespace mill::lambda
