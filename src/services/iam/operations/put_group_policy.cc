// SPDX-License-Identifier: Apache-2.0
// PutGroupPolicy: adds a document to a group, or replaces the one of that name.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html
#include "services/iam/principals.h"

namespace mill::iam {

extern const wire::Operation put_group_policy_operation;
const wire::Operation put_group_policy_operation =
    wire::operation<&put_inline_policy<Group>>("PutGroupPolicy");

}  // namespace mill::iam
