// SPDX-License-Identifier: Apache-2.0
// DetachRolePolicy: takes a managed policy from a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation detach_role_policy_operation;
const wire::Operation detach_role_policy_operation =
    wire::operation<&detach_policy<Role>>("DetachRolePolicy");

}  // namespace mill::iam
