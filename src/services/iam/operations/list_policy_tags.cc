// SPDX-License-Identifier: Apache-2.0
// ListPolicyTags: the tags of a managed policy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation list_policy_tags_operation;
const wire::Operation list_policy_tags_operation =
    wire::operation<&list_tags<TaggedPolicy>>("ListPolicyTags");

}  // namespace mill::iam
