// SPDX-License-Identifier: Apache-2.0
// ListAttachedGroupPolicies: the managed policies of a group.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation list_attached_group_policies_operation;
const wire::Operation list_attached_group_policies_operation =
    wire::operation<&list_attached_policies<Group>>("ListAttachedGroupPolicies");

}  // namespace mill::iam
