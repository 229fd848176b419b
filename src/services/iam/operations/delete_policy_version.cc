// SPDX-License-Identifier: Apache-2.0
// DeletePolicyVersion: any version but the default one.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct DeletePolicyVersionInput {
    Text arn, version;

    static constexpr auto shape() {
        using I = DeletePolicyVersionInput;
        return wire::structure("DeletePolicyVersionRequest", arn_member<&I::arn>().required(),
                               version_member<&I::version>());
    }
};

Task<Result<wire::Empty>> delete_policy_version(Iam& iam, Caller caller,
                                                DeletePolicyVersionInput input) {
    MILL_CO_TRY(ManagedPolicy policy, iam.need_policy(caller.account, *input.arn));
    MILL_CO_TRY(const PolicyVersion* found, version_of(policy, *input.version));
    if (found->id == policy.default_version)
        co_return delete_conflict("Cannot delete the default version of a policy.");
    std::erase_if(policy.versions,
                  [&](const PolicyVersion& version) { return version.id == *input.version; });
    storage::Table::Commit commit;
    put(commit, caller.account, policy);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_policy_version_operation;
const wire::Operation delete_policy_version_operation =
    wire::operation<&delete_policy_version>("DeletePolicyVersion");

}  // namespace mill::iam
