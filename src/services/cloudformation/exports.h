// SPDX-License-Identifier: Apache-2.0
// Exports of stacks and who uses them. Names are one space for each account and region; an export
// that is used stays as it is.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/stack.h"

namespace mill::cloudformation {

// Gives the imports of `row` the values of what is exported now. "No export named X found"
Result<void> resolve_imports(const Stacks& stacks, StackRow& row);
// The names of the stacks of this account and region that use the export, sorted.
std::vector<std::string> importers_of(const Stacks& stacks, const std::string& account,
                                      const std::string& region, std::string_view name);
// What keeps a stack from being deleted: "Delete canceled. Cannot delete export X as it is in use
// by S."
Result<void> check_unused(const Stacks& stacks, const StackRow& row);
// Whether the stack's outputs may take the place of its old ones: names that no other stack
// exports, and nothing that is in use dropped or changed.
Result<void> check_exports(const Stacks& stacks, const StackRow& row,
                           const std::vector<StackOutput>& outputs);

}  // namespace mill::cloudformation
