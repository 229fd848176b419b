// SPDX-License-Identifier: Apache-2.0
// ListUserPolicies: the names of the documents of a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation list_user_policies_operation;
const wire::Operation list_user_policies_operation =
    wire::operation<&list_inline_policies<User>>("ListUserPolicies");

}  // namespace mill::iam
