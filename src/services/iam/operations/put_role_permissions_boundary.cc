// SPDX-License-Identifier: Apache-2.0
// PutRolePermissionsBoundary: sets what a role may do at most.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation put_role_permissions_boundary_operation;
const wire::Operation put_role_permissions_boundary_operation =
    wire::operation<&put_boundary<Role>>("PutRolePermissionsBoundary");

}  // namespace mill::iam
