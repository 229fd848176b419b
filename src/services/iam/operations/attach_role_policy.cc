// SPDX-License-Identifier: Apache-2.0
// AttachRolePolicy: attaches a managed policy to a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation attach_role_policy_operation;
const wire::Operation attach_role_policy_operation =
    wire::operation<&attach_policy<Role>>("AttachRolePolicy");

}  // namespace mill::iam
