// SPDX-License-Identifier: Apache-2.0
// ListAttachedRolePolicies: the managed policies of a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation list_attached_role_policies_operation;
const wire::Operation list_attached_role_policies_operation =
    wire::operation<&list_attached_policies<Role>>("ListAttachedRolePolicies");

}  // namespace mill::iam
