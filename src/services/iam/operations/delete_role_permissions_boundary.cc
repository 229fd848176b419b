// SPDX-License-Identifier: Apache-2.0
// DeleteRolePermissionsBoundary: takes the boundary from a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation delete_role_permissions_boundary_operation;
const wire::Operation delete_role_permissions_boundary_operation =
    wire::operation<&delete_boundary<Role>>("DeleteRolePermissionsBoundary");

}  // namespace mill::iam
