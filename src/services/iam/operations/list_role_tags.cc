// SPDX-License-Identifier: Apache-2.0
// ListRoleTags: the tags of a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html
#include "services/iam/tagging.h"

namespace mill::iam {

extern const wire::Operation list_role_tags_operation;
const wire::Operation list_role_tags_operation =
    wire::operation<&list_tags<TaggedRole>>("ListRoleTags");

}  // namespace mill::iam
