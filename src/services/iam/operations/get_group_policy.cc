// SPDX-License-Identifier: Apache-2.0
// GetGroupPolicy: a document of a group.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation get_group_policy_operation;
const wire::Operation get_group_policy_operation =
    wire::operation<&get_inline_policy<Group>>("GetGroupPolicy");

}  // namespace mill::iam
