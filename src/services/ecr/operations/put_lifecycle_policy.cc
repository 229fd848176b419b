// SPDX-License-Identifier: Apache-2.0
// PutLifecyclePolicy: which images expire: kept; there are none.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct PutLifecyclePolicyInput {
    Text registry, name, policy;

    static constexpr auto shape() {
        using I = PutLifecyclePolicyInput;
        return wire::structure(
            "PutLifecyclePolicyRequest", registry_member<&I::registry>(), name_member<&I::name>(),
            wire::member<&I::policy>("lifecyclePolicyText").required().length(100, 30'720));
    }
};

struct PutLifecyclePolicyOutput {
    std::string registry, name, policy;
    static constexpr auto shape() {
        using O = PutLifecyclePolicyOutput;
        return wire::structure("PutLifecyclePolicyResponse",
                               wire::member<&O::registry>("registryId"),
                               wire::member<&O::name>("repositoryName"),
                               wire::member<&O::policy>("lifecyclePolicyText"));
    }
};

Task<Result<PutLifecyclePolicyOutput>> put_lifecycle_policy(Ecr& ecr, Caller caller,
                                                            PutLifecyclePolicyInput input) {
    MILL_CO_CHECK(check_policy("LifecyclePolicyText", *input.policy));
    MILL_CO_TRY(Repository repository, ecr.need(caller, input.registry, *input.name));
    repository.lifecycle_policy = std::move(input.policy);
    MILL_CO_CHECK(co_await ecr.store(repository));
    co_return PutLifecyclePolicyOutput{repository.account, repository.name,
                                       *repository.lifecycle_policy};
}

}  // namespace

extern const wire::Operation put_lifecycle_policy_operation;
const wire::Operation put_lifecycle_policy_operation =
    wire::operation<&put_lifecycle_policy>("PutLifecyclePolicy");

}  // namespace mill::ecr
