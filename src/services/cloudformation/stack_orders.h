// SPDX-License-Identifier: Apache-2.0
// What is asked of a stack, turned into its next row: shared by CreateStack, UpdateStack and change
// sets. Nothing is stored here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

// A row without template, named and identified. LimitExceededException when there are too many.
Result<StackRow> new_stack_row(CloudFormation& service, const Caller& caller,
                               const std::string& name);

struct UpdateOrder {
    TemplateText text;
    std::vector<GivenParameter> parameters;
    std::optional<std::vector<std::string>> capabilities;
    std::optional<std::vector<Tag>> tags;
    std::optional<std::string> role_arn;
    bool disable_rollback = false;
};

// With what it includes; without a body: the stack's own template. "Stack [X] does not exist".
Task<Result<TemplateText>> updated_text(CloudFormation& service, Caller caller,
                                        std::string stack_name, std::optional<std::string> body,
                                        std::vector<GivenParameter> given);
// The row with the new definition, as far as its resources exist with what is known of them.
Result<StackRow> updated_row(CloudFormation& service, const StackRow& row, UpdateOrder order);
// Whether the update would change nothing. One that was left as it failed may be tried again as it
// is.
bool changes_nothing(const Definition& next, const StackRow& before);
// Saves the row with the status that it has got, ends its change sets, and carries the order out.
Task<Result<void>> save_and_launch(CloudFormation& service, Stack& stack);
// Gives the stack the row that updated_row() has made of it. What it goes back to, if it fails, is
// what was there before the first of the updates that were left as they failed.
Task<Result<void>> begin_update(CloudFormation& service, Stack& stack, StackRow next);
// Sets the definition that an update begins from, as begin_update() does, for an executed change
// set.
void remember_previous(StackRow& next, const StackRow& before);
// "Stack:X is in Y state and can not be updated."
Result<void> check_updatable(const Stack& stack);
// The planned resources, as far as they exist with what is known of them.
Result<std::vector<ResourceRow>> carried_over(const std::vector<ResourceRow>& planned,
                                              const std::vector<ResourceRow>& old);

}  // namespace mill::cloudformation
