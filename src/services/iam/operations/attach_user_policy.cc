// SPDX-License-Identifier: Apache-2.0
// AttachUserPolicy: attaches a managed policy to a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation attach_user_policy_operation;
const wire::Operation attach_user_policy_operation =
    wire::operation<&attach_policy<User>>("AttachUserPolicy");

}  // namespace mill::iam
