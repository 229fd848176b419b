// SPDX-License-Identifier: Apache-2.0
// TagUser: adds tags to a user, or gives new values to those that are there.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation tag_user_operation;
const wire::Operation tag_user_operation = wire::operation<&tag<TaggedUser>>("TagUser");

}  // namespace mill::iam
