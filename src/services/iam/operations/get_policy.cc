// SPDX-License-Identifier: Apache-2.0
// GetPolicy: what a managed policy is. Of one of AWS's own, what its ARN tells.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct GetPolicyInput {
    Text arn;
    static constexpr auto shape() {
        return wire::structure("GetPolicyRequest", arn_member<&GetPolicyInput::arn>().required());
    }
};

struct GetPolicyOutput {
    PolicyDescription policy;
    static constexpr auto shape() {
        return wire::structure("GetPolicyResponse",
                               wire::member<&GetPolicyOutput::policy>("Policy"));
    }
};

Task<Result<GetPolicyOutput>> get_policy(Iam& iam, Caller caller, GetPolicyInput input) {
    MILL_CO_TRY(const ManagedPolicy policy, any_policy(iam, caller.account, *input.arn));
    MILL_CO_TRY(auto described, describe(iam, caller.account, policy, true));
    co_return GetPolicyOutput{std::move(described)};
}

}  // namespace

extern const wire::Operation get_policy_operation;
const wire::Operation get_policy_operation = wire::operation<&get_policy>("GetPolicy");

}  // namespace mill::iam
