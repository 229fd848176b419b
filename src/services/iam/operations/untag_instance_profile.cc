// SPDX-License-Identifier: Apache-2.0
// UntagInstanceProfile: takes tags from an instance profile.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagInstanceProfile.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation untag_instance_profile_operation;
const wire::Operation untag_instance_profile_operation =
    wire::operation<&untag<TaggedProfile>>("UntagInstanceProfile");

}  // namespace mill::iam
