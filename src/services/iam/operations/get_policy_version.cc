// SPDX-License-Identifier: Apache-2.0
// GetPolicyVersion: a version with its document. The documents of AWS's own policies are not here.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct GetPolicyVersionInput {
    Text arn, version;

    static constexpr auto shape() {
        using I = GetPolicyVersionInput;
        return wire::structure("GetPolicyVersionRequest", arn_member<&I::arn>().required(),
                               version_member<&I::version>());
    }
};

struct GetPolicyVersionOutput {
    VersionDescription version;
    static constexpr auto shape() {
        return wire::structure("GetPolicyVersionResponse",
                               wire::member<&GetPolicyVersionOutput::version>("PolicyVersion"));
    }
};

Task<Result<GetPolicyVersionOutput>> get_policy_version(Iam& iam, Caller caller,
                                                        GetPolicyVersionInput input) {
    if (is_aws_policy(*input.arn)) {
        co_return no_such_entity(
            fmt::format("Millrace does not have the documents of AWS's own policies, so not that "
                        "of {}. It can be attached all the same.",
                        *input.arn));
    }
    MILL_CO_TRY(const ManagedPolicy policy, iam.need_policy(caller.account, *input.arn));
    MILL_CO_TRY(const PolicyVersion* found, version_of(policy, *input.version));
    co_return GetPolicyVersionOutput{describe(policy, *found, true)};
}

}  // namespace

extern const wire::Operation get_policy_version_operation;
const wire::Operation get_policy_version_operation =
    wire::operation<&get_policy_version>("GetPolicyVersion");

}  // namespace mill::iam
