// SPDX-License-Identifier: Apache-2.0
// DeleteGroupPolicy: takes a document from a group.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation delete_group_policy_operation;
const wire::Operation delete_group_policy_operation =
    wire::operation<&delete_inline_policy<Group>>("DeleteGroupPolicy");

}  // namespace mill::iam
