// SPDX-License-Identifier: Apache-2.0
// TagPolicy: adds tags to a managed policy, or gives new values to those that are there.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation tag_policy_operation;
const wire::Operation tag_policy_operation = wire::operation<&tag<TaggedPolicy>>("TagPolicy");

}  // namespace mill::iam
