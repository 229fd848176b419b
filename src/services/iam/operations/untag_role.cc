// SPDX-License-Identifier: Apache-2.0
// UntagRole: takes tags from a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation untag_role_operation;
const wire::Operation untag_role_operation = wire::operation<&untag<TaggedRole>>("UntagRole");

}  // namespace mill::iam
