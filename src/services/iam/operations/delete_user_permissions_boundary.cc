// SPDX-License-Identifier: Apache-2.0
// DeleteUserPermissionsBoundary: takes the boundary from a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation delete_user_permissions_boundary_operation;
const wire::Operation delete_user_permissions_boundary_operation =
    wire::operation<&delete_boundary<User>>("DeleteUserPermissionsBoundary");

}  // namespace mill::iam
