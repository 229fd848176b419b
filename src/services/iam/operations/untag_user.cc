// SPDX-License-Identifier: Apache-2.0
// UntagUser: takes tags from a user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation untag_user_operation;
const wire::Operation untag_user_operation = wire::operation<&untag<TaggedUser>>("UntagUser");

}  // namespace mill::iam
