// SPDX-License-Identifier: Apache-2.0
// ListAttachedUserPolicies: the managed policies of a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation list_attached_user_policies_operation;
const wire::Operation list_attached_user_policies_operation =
    wire::operation<&list_attached_policies<User>>("ListAttachedUserPolicies");

}  // namespace mill::iam
