// SPDX-License-Identifier: Apache-2.0
// GetKeyPolicy: who may use a key: kept, not enforced.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct GetKeyPolicyInput {
    Text key, name;

    static constexpr auto shape() {
        using I = GetKeyPolicyInput;
        return wire::structure("GetKeyPolicyRequest", key_member<&I::key>().required(),
                               policy_name_member<&I::name>());
    }
};

struct GetKeyPolicyOutput {
    std::string policy, name = "default";

    static constexpr auto shape() {
        return wire::structure("GetKeyPolicyResponse",
                               wire::member<&GetKeyPolicyOutput::policy>("Policy"),
                               wire::member<&GetKeyPolicyOutput::name>("PolicyName"));
    }
};

Task<Result<GetKeyPolicyOutput>> get_key_policy(Kms& kms, Caller caller, GetKeyPolicyInput input) {
    MILL_CO_TRY(const Key key, kms.need(caller, *input.key));
    if (input.name && *input.name != "default")
        co_return fail("NotFoundException", "No such policy exists", 400);
    co_return GetKeyPolicyOutput{.policy = key.policy};
}

}  // namespace

extern const wire::Operation get_key_policy_operation;
const wire::Operation get_key_policy_operation = wire::operation<&get_key_policy>("GetKeyPolicy");

}  // namespace mill::kms
