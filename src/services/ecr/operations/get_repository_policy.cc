// SPDX-License-Identifier: Apache-2.0
// GetRepositoryPolicy: what SetRepositoryPolicy has set.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRepositoryPolicy.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

Task<Result<PolicyOutput>> get_repository_policy(Ecr& ecr, Caller caller, RepositoryInput input) {
    MILL_CO_TRY(const Repository repository, ecr.need(caller, input.registry, *input.name));
    co_return policy_of(repository);
}

}  // namespace

extern const wire::Operation get_repository_policy_operation;
const wire::Operation get_repository_policy_operation =
    wire::operation<&get_repository_policy>("GetRepositoryPolicy");

}  // namespace mill::ecr
