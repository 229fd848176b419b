// SPDX-License-Identifier: Apache-2.0
// Change sets of the stacks that a stack nests (IncludeNestedStacks): one for each that exists and
// would change. They are stored with the change set of the root, executed and deleted with it; the
// template that one shows is the one that its execution gives the nested stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/change-sets-for-nested-stacks.html
#pragma once

#include <vector>

#include "services/cloudformation/change_set.h"
#include "services/cloudformation/cloudformation.h"

namespace mill::cloudformation {

// The change set `parent`, of the stack that is to be `next`, with the changes of its nested stacks
// among its own; behind it theirs, of all levels. FAILED and alone when one of them cannot be made.
Task<Result<std::vector<ChangeSetRow>>> with_nested_change_sets(CloudFormation& service,
                                                                Caller caller, ChangeSetRow parent,
                                                                StackRow next);

}  // namespace mill::cloudformation
