// SPDX-License-Identifier: Apache-2.0
// PutUserPolicy: adds a document to a user, or replaces the one of that name.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation put_user_policy_operation;
const wire::Operation put_user_policy_operation =
    wire::operation<&put_inline_policy<User>>("PutUserPolicy");

}  // namespace mill::iam
