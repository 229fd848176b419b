// SPDX-License-Identifier: Apache-2.0
// ListUserTags: the tags of a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation list_user_tags_operation;
const wire::Operation list_user_tags_operation =
    wire::operation<&list_tags<TaggedUser>>("ListUserTags");

}  // namespace mill::iam
