// SPDX-License-Identifier: Apache-2.0
// ListGroupPolicies: the names of the documents of a group.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation list_group_policies_operation;
const wire::Operation list_group_policies_operation =
    wire::operation<&list_inline_policies<Group>>("ListGroupPolicies");

}  // namespace mill::iam
