// SPDX-License-Identifier: Apache-2.0
// DeleteRolePolicy: takes a document from a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation delete_role_policy_operation;
const wire::Operation delete_role_policy_operation =
    wire::operation<&delete_inline_policy<Role>>("DeleteRolePolicy");

}  // namespace mill::iam
