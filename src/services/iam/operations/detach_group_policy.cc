// SPDX-License-Identifier: Apache-2.0
// DetachGroupPolicy: takes a managed policy from a group.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation detach_group_policy_operation;
const wire::Operation detach_group_policy_operation =
    wire::operation<&detach_policy<Group>>("DetachGroupPolicy");

}  // namespace mill::iam
