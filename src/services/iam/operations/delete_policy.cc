// SPDX-License-Identifier: Apache-2.0
// DeletePolicy: one that is attached to nothing and has no versions but the default one.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct DeletePolicyInput {
    Text arn;
    static constexpr auto shape() {
        return wire::structure("DeletePolicyRequest",
                               arn_member<&DeletePolicyInput::arn>().required());
    }
};

Task<Result<wire::Empty>> delete_policy(Iam& iam, Caller caller, DeletePolicyInput input) {
    MILL_CO_TRY(const ManagedPolicy policy, iam.need_policy(caller.account, *input.arn));
    MILL_CO_TRY(const bool is_used, iam.is_any(uses_prefix(caller.account, policy.arn)));
    if (is_used) co_return delete_conflict("Cannot delete a policy attached to entities.");
    if (policy.versions.size() > 1) {
        co_return delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy.");
    }
    storage::Table::Commit commit;
    erase(commit, caller.account, policy);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_policy_operation;
const wire::Operation delete_policy_operation = wire::operation<&delete_policy>("DeletePolicy");

}  // namespace mill::iam
