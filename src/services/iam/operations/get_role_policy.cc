// SPDX-License-Identifier: Apache-2.0
// GetRolePolicy: a document of a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation get_role_policy_operation;
const wire::Operation get_role_policy_operation =
    wire::operation<&get_inline_policy<Role>>("GetRolePolicy");

}  // namespace mill::iam
