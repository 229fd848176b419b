// SPDX-License-Identifier: Apache-2.0
// TagRole: adds tags to a role, or gives new values to those that are there.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation tag_role_operation;
const wire::Operation tag_role_operation = wire::operation<&tag<TaggedRole>>("TagRole");

}  // namespace mill::iam
