// SPDX-License-Identifier: Apache-2.0
// DetachUserPolicy: takes a managed policy from a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation detach_user_policy_operation;
const wire::Operation detach_user_policy_operation =
    wire::operation<&detach_policy<User>>("DetachUserPolicy");

}  // namespace mill::iam
