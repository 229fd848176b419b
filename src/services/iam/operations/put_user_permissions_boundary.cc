// SPDX-License-Identifier: Apache-2.0
// PutUserPermissionsBoundary: sets what a user may do at most.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation put_user_permissions_boundary_operation;
const wire::Operation put_user_permissions_boundary_operation =
    wire::operation<&put_boundary<User>>("PutUserPermissionsBoundary");

}  // namespace mill::iam
