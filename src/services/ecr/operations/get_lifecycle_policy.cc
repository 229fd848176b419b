// SPDX-License-Identifier: Apache-2.0
// GetLifecyclePolicy: what PutLifecyclePolicy has set.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicy.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

Task<Result<LifecycleOutput>> get_lifecycle_policy(Ecr& ecr, Caller caller, RepositoryInput input) {
    MILL_CO_TRY(const Repository repository, ecr.need(caller, input.registry, *input.name));
    co_return lifecycle_of(repository);
}

}  // namespace

extern const wire::Operation get_lifecycle_policy_operation;
const wire::Operation get_lifecycle_policy_operation =
    wire::operation<&get_lifecycle_policy>("GetLifecyclePolicy");

}  // namespace mill::ecr
