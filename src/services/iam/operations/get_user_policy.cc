// SPDX-License-Identifier: Apache-2.0
// GetUserPolicy: a document of a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation get_user_policy_operation;
const wire::Operation get_user_policy_operation =
    wire::operation<&get_inline_policy<User>>("GetUserPolicy");

}  // namespace mill::iam
