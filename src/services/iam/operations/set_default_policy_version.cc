// SPDX-License-Identifier: Apache-2.0
// SetDefaultPolicyVersion: which version holds.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct SetDefaultPolicyVersionInput {
    Text arn, version;

    static constexpr auto shape() {
        using I = SetDefaultPolicyVersionInput;
        return wire::structure("SetDefaultPolicyVersionRequest", arn_member<&I::arn>().required(),
                               version_member<&I::version>());
    }
};

Task<Result<wire::Empty>> set_default_policy_version(Iam& iam, Caller caller,
                                                     SetDefaultPolicyVersionInput input) {
    MILL_CO_TRY(ManagedPolicy policy, iam.need_policy(caller.account, *input.arn));
    MILL_CO_TRY(const PolicyVersion* found, version_of(policy, *input.version));
    policy.default_version = found->id;
    policy.updated = iam.now();
    storage::Table::Commit commit;
    put(commit, caller.account, policy);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation set_default_policy_version_operation;
const wire::Operation set_default_policy_version_operation =
    wire::operation<&set_default_policy_version>("SetDefaultPolicyVersion");

}  // namespace mill::iam
