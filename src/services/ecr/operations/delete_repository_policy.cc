// SPDX-License-Identifier: Apache-2.0
// DeleteRepositoryPolicy: takes the policy away, and tells what it was.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepositoryPolicy.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

Task<Result<PolicyOutput>> delete_repository_policy(Ecr& ecr, Caller caller,
                                                    RepositoryInput input) {
    MILL_CO_TRY(Repository repository, ecr.need(caller, input.registry, *input.name));
    MILL_CO_TRY(PolicyOutput was, policy_of(repository));
    repository.policy.reset();
    MILL_CO_CHECK(co_await ecr.store(std::move(repository)));
    co_return was;
}

}  // namespace

extern const wire::Operation delete_repository_policy_operation;
const wire::Operation delete_repository_policy_operation =
    wire::operation<&delete_repository_policy>("DeleteRepositoryPolicy");

}  // namespace mill::ecr
