// SPDX-License-Identifier: Apache-2.0
// DeleteUserPolicy: takes a document from a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation delete_user_policy_operation;
const wire::Operation delete_user_policy_operation =
    wire::operation<&delete_inline_policy<User>>("DeleteUserPolicy");

}  // namespace mill::iam
