// SPDX-License-Identifier: Apache-2.0
// SetRepositoryPolicy: who may push and pull: kept, not enforced.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct SetRepositoryPolicyInput {
    Text registry, name, policy;
    std::optional<bool> force;

    static constexpr auto shape() {
        using I = SetRepositoryPolicyInput;
        return wire::structure("SetRepositoryPolicyRequest", registry_member<&I::registry>(),
                               name_member<&I::name>(),
                               wire::member<&I::policy>("policyText").required().length(0, 10'240),
                               wire::member<&I::force>("force"));
    }
};

Task<Result<PolicyOutput>> set_repository_policy(Ecr& ecr, Caller caller,
                                                 SetRepositoryPolicyInput input) {
    MILL_CO_CHECK(check_policy("policyText", *input.policy));
    MILL_CO_TRY(Repository repository, ecr.need(caller, input.registry, *input.name));
    repository.policy = std::move(input.policy);
    MILL_CO_CHECK(co_await ecr.store(repository));
    co_return policy_of(repository);
}

}  // namespace

extern const wire::Operation set_repository_policy_operation;
const wire::Operation set_repository_policy_operation =
    wire::operation<&set_repository_policy>("SetRepositoryPolicy");

}  // namespace mill::ecr
