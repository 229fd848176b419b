// SPDX-License-Identifier: Apache-2.0
// ListInstanceProfileTags: the tags of an instance profile.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfileTags.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation list_instance_profile_tags_operation;
const wire::Operation list_instance_profile_tags_operation =
    wire::operation<&list_tags<TaggedProfile>>("ListInstanceProfileTags");

}  // namespace mill::iam
