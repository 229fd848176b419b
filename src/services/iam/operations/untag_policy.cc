// SPDX-License-Identifier: Apache-2.0
// UntagPolicy: takes tags from a managed policy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation untag_policy_operation;
const wire::Operation untag_policy_operation = wire::operation<&untag<TaggedPolicy>>("UntagPolicy");

}  // namespace mill::iam
