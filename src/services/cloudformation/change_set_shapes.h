// SPDX-License-Identifier: Apache-2.0
// Shapes that the operations on change sets share, and how they find one.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

inline constexpr std::array<std::string_view, 3> on_failure_values = {"DO_NOTHING", "ROLLBACK",
                                                                      "DELETE"};
inline constexpr std::string_view change_set_name_pattern =
    "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*";

template <auto Pointer>
constexpr wire::Member change_set_name_member() {
    return wire::member<Pointer>("ChangeSetName")
        .required()
        .pattern(change_set_name_pattern)
        .length(1, 1600);
}

// A change set and the stack that it belongs to.
struct FoundChangeSet {
    Stack* stack = nullptr;
    ChangeSetPointer change_set;
};
// ChangeSetNotFound, or a ValidationError when a name comes without its stack.
Result<FoundChangeSet> find_change_set(CloudFormation& service, const Caller& caller,
                                       const std::string& name,
                                       const std::optional<std::string>& stack_name);
// One for a nested stack is executed and deleted with its root's.
Result<void> check_root(const ChangeSetRow& row);
// "Stack [X] does not exist".
Result<Stack*> find_stack(CloudFormation& service, const Caller& caller, const std::string& name);

}  // namespace mill::cloudformation
