// SPDX-License-Identifier: Apache-2.0
// Change sets as they are kept: one Table row each, "cloudformation/change_set/<stack>/<name>".
//
// A change set is made whole when it is asked for: its row holds the definition that its execution
// gives the stack. Executing one commits the stack's new row and the end of all its change sets
// together; how the execution went is what became of the stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/changes.h"
#include "services/cloudformation/stack.h"
#include "storage/stream_log.h"
#include "wire/shape.h"

namespace mill::cloudformation {

struct ChangeSetRow {
    std::string id;  // its ARN
    std::string name;
    std::string stack_id;
    std::string stack_name;
    std::string type;    // CREATE, UPDATE
    std::string status;  // CREATE_COMPLETE, FAILED
    std::optional<std::string> status_reason;
    WallTime created;
    bool executed = false;
    std::optional<std::string> description;
    std::optional<std::string> on_stack_failure;
    std::optional<std::string> role_arn;
    std::optional<std::string> client_token;
    bool include_nested_stacks = false;
    // Of one that another made for a stack that it nests: it is executed and deleted with the root.
    std::optional<std::string> parent_change_set_id;
    std::optional<std::string> root_change_set_id;
    // What the stack is to be: its resources are the plan, its outputs are not known yet. Without
    // template once executed.
    Definition target;
    std::vector<ResourceChange> changes;

    static constexpr auto shape() {
        using Row = ChangeSetRow;
        return wire::structure(
            "ChangeSetRow", wire::member<&Row::id>("Id"), wire::member<&Row::name>("Name"),
            wire::member<&Row::stack_id>("StackId"), wire::member<&Row::stack_name>("StackName"),
            wire::member<&Row::type>("Type"), wire::member<&Row::status>("Status"),
            wire::member<&Row::status_reason>("StatusReason"),
            wire::member<&Row::created>("Created"), wire::member<&Row::executed>("Executed"),
            wire::member<&Row::description>("Description"),
            wire::member<&Row::on_stack_failure>("OnStackFailure"),
            wire::member<&Row::role_arn>("RoleARN"),
            wire::member<&Row::client_token>("ClientToken"),
            wire::member<&Row::include_nested_stacks>("IncludeNestedStacks"),
            wire::member<&Row::parent_change_set_id>("ParentChangeSetId"),
            wire::member<&Row::root_change_set_id>("RootChangeSetId"),
            wire::member<&Row::target>("Target"), wire::member<&Row::changes>("Changes"));
    }
};

using ChangeSetPointer = std::shared_ptr<const ChangeSetRow>;

// UNAVAILABLE, AVAILABLE, EXECUTE_IN_PROGRESS, EXECUTE_COMPLETE, EXECUTE_FAILED.
std::string_view execution_status(const ChangeSetRow& row, const StackRow& stack);

class ChangeSets {
  public:
    explicit ChangeSets(storage::Table& table) : table_(table) {}
    ChangeSets(const ChangeSets&) = delete;
    ChangeSets& operator=(const ChangeSets&) = delete;

    Result<void> load();
    // Durable ones, by name or ARN; nullptr if there is none.
    ChangeSetPointer find(std::string_view stack_id, std::string_view name_or_id) const;
    ChangeSetPointer find(std::string_view id) const;
    // The one that the executed change set `parent_id` made for a stack that it nests.
    ChangeSetPointer nested(std::string_view parent_id, std::string_view stack_id) const;
    // Those that can still be executed or were refused, oldest first.
    std::vector<ChangeSetPointer> of(std::string_view stack_id) const;

    // Commits that change a stack's change sets. Once one is durable, show() or forget() follows.
    // "storage.conflict" when the name is taken meanwhile; an executed one gives way to it.
    storage::Table::Commit added(const ChangeSetRow& row) const;
    // With those that it made for nested stacks.
    storage::Table::Commit erased(const ChangeSetRow& root) const;
    // All of the stack's go but the one that is executed, if any; each with those of nested stacks.
    storage::Table::Commit ended(const StackRow& stack, const ChangeSetRow* executed) const;
    void show(ChangeSetRow row);
    void forget(const ChangeSetRow& root);
    void show_ended(const StackRow& stack, const ChangeSetRow* executed);

  private:
    storage::Table& table_;
    std::map<std::string, ChangeSetPointer, std::less<>> rows_;  // by ARN
};

}  // namespace mill::cloudformation
