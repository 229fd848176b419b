// SPDX-License-Identifier: Apache-2.0
// AttachGroupPolicy: attaches a managed policy to a group.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation attach_group_policy_operation;
const wire::Operation attach_group_policy_operation =
    wire::operation<&attach_policy<Group>>("AttachGroupPolicy");

}  // namespace mill::iam
