// SPDX-License-Identifier: Apache-2.0
// PutRolePolicy: adds a document to a role, or replaces the one of that name.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation put_role_policy_operation;
const wire::Operation put_role_policy_operation =
    wire::operation<&put_inline_policy<Role>>("PutRolePolicy");

}  // namespace mill::iam
