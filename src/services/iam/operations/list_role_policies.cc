// SPDX-License-Identifier: Apache-2.0
// ListRolePolicies: the names of the documents of a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation list_role_policies_operation;
const wire::Operation list_role_policies_operation =
    wire::operation<&list_inline_policies<Role>>("ListRolePolicies");

}  // namespace mill::iam
