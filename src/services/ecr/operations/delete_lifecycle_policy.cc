// SPDX-License-Identifier: Apache-2.0
// DeleteLifecyclePolicy: takes the policy away, and tells what it was.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteLifecyclePolicy.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

Task<Result<LifecycleOutput>> delete_lifecycle_policy(Ecr& ecr, Caller caller,
                                                      RepositoryInput input) {
    MILL_CO_TRY(Repository repository, ecr.need(caller, input.registry, *input.name));
    MILL_CO_TRY(LifecycleOutput was, lifecycle_of(repository));
    repository.lifecycle_policy.reset();
    MILL_CO_CHECK(co_await ecr.store(std::move(repository)));
    co_return was;
}

}  // namespace

extern const wire::Operation delete_lifecycle_policy_operation;
const wire::Operation delete_lifecycle_policy_operation =
    wire::operation<&delete_lifecycle_policy>("DeleteLifecyclePolicy");

}  // namespace mill::ecr
