// SPDX-License-Identifier: Apache-2.0
// TagInstanceProfile: adds tags to an instance profile, or gives new values to those that are
// there. https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagInstanceProfile.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation tag_instance_profile_operation;
const wire::Operation tag_instance_profile_operation =
    wire::operation<&tag<TaggedProfile>>("TagInstanceProfile");

}  // namespace mill::iam
