// SPDX-License-Identifier: Apache-2.0
// PutKeyPolicy: who may use a key: kept, not enforced.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct PutKeyPolicyInput {
    Text key, name, policy;
    std::optional<bool> bypass;

    static constexpr auto shape() {
        using I = PutKeyPolicyInput;
        return wire::structure("PutKeyPolicyRequest", key_member<&I::key>().required(),
                               policy_name_member<&I::name>(),
                               policy_member<&I::policy>().required(),
                               wire::member<&I::bypass>("BypassPolicyLockoutSafetyCheck"));
    }
};

Task<Result<wire::Empty>> put_key_policy(Kms& kms, Caller caller, PutKeyPolicyInput input) {
    MILL_CO_TRY(Key key, kms.need_living(caller, *input.key));
    if (input.name && *input.name != "default")
        co_return fail("NotFoundException", "No such policy exists", 400);
    key.policy = *std::move(input.policy);
    MILL_CO_CHECK(check_key(key));
    MILL_CO_CHECK(co_await kms.store(std::move(key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation put_key_policy_operation;
const wire::Operation put_key_policy_operation = wire::operation<&put_key_policy>("PutKeyPolicy");

}  // namespace mill::kms
