// SPDX-License-Identifier: Apache-2.0
// DescribeChangeSet: what a change set would do, in pages, and what became of it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
#include "services/cloudformation/change_set_shapes.h"

namespace mill::cloudformation {
namespace {

struct DescribeChangeSetInput {
    std::optional<std::string> change_set_name;
    std::optional<std::string> stack_name;
    std::optional<std::string> next_token;
    std::optional<bool> include_property_values;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = DescribeChangeSetInput;
        return wire::structure("DescribeChangeSetInput",
                               change_set_name_member<&In::change_set_name>(),
                               wire::member<&In::stack_name>("StackName")
                                   .pattern(stack_name_or_id_pattern)
                                   .length(1, 2048),
                               wire::member<&In::next_token>("NextToken").length(1, 1024),
                               wire::member<&In::include_property_values>("IncludePropertyValues"));
    }
};

struct Change {
    std::string type = "Resource";
    ResourceChange resource;

    static constexpr auto shape() {
        return wire::structure("Change", wire::member<&Change::type>("Type"),
                               wire::member<&Change::resource>("ResourceChange"));
    }
};

struct RollbackConfiguration {
    static constexpr auto shape() { return wire::structure("RollbackConfiguration"); }
};

struct DescribeChangeSetOutput {
    std::string change_set_name;
    std::string change_set_id;
    std::string stack_id;
    std::string stack_name;
    std::optional<std::string> description;
    std::optional<std::vector<ParameterOutput>> parameters;
    WallTime creation_time;
    std::string execution_status;
    std::string status;
    std::optional<std::string> status_reason;
    std::vector<std::string> notification_arns;
    RollbackConfiguration rollback_configuration;
    std::vector<std::string> capabilities;
    std::optional<std::vector<Tag>> tags;
    std::vector<Change> changes;
    std::optional<std::string> next_token;
    bool include_nested_stacks = false;
    std::optional<std::string> parent_change_set_id;
    std::optional<std::string> root_change_set_id;
    std::optional<std::string> on_stack_failure;
    bool import_existing_resources = false;

    static constexpr auto shape() {
        using Out = DescribeChangeSetOutput;
        return wire::structure(
            "DescribeChangeSetOutput", wire::member<&Out::change_set_name>("ChangeSetName"),
            wire::member<&Out::change_set_id>("ChangeSetId"),
            wire::member<&Out::stack_id>("StackId"), wire::member<&Out::stack_name>("StackName"),
            wire::member<&Out::description>("Description"),
            wire::member<&Out::parameters>("Parameters"),
            wire::member<&Out::creation_time>("CreationTime"),
            wire::member<&Out::execution_status>("ExecutionStatus"),
            wire::member<&Out::status>("Status"), wire::member<&Out::status_reason>("StatusReason"),
            wire::member<&Out::notification_arns>("NotificationARNs"),
            wire::member<&Out::rollback_configuration>("RollbackConfiguration"),
            wire::member<&Out::capabilities>("Capabilities"), wire::member<&Out::tags>("Tags"),
            wire::member<&Out::changes>("Changes"), wire::member<&Out::next_token>("NextToken"),
            wire::member<&Out::include_nested_stacks>("IncludeNestedStacks"),
            wire::member<&Out::parent_change_set_id>("ParentChangeSetId"),
            wire::member<&Out::root_change_set_id>("RootChangeSetId"),
            wire::member<&Out::on_stack_failure>("OnStackFailure"),
            wire::member<&Out::import_existing_resources>("ImportExistingResources"));
    }
};

ResourceChange shown(ResourceChange change, bool with_values) {
    if (with_values) return change;
    change.before_context.reset();
    change.after_context.reset();
    for (ChangeDetail& detail : change.details) {
        ChangeTarget& target = detail.target;
        target.path = target.before_value = target.after_value = std::nullopt;
        target.attribute_change_type.reset();
    }
    return change;
}

DescribeChangeSetOutput description_of(const ChangeSetRow& row, const StackRow& stack) {
    DescribeChangeSetOutput out{.change_set_name = row.name,
                                .change_set_id = row.id,
                                .stack_id = row.stack_id,
                                .stack_name = row.stack_name,
                                .description = row.description,
                                .creation_time = row.created,
                                .execution_status = std::string(execution_status(row, stack)),
                                .status = row.status,
                                .status_reason = row.status_reason,
                                .capabilities = row.target.capabilities,
                                .include_nested_stacks = row.include_nested_stacks,
                                .parent_change_set_id = row.parent_change_set_id,
                                .root_change_set_id = row.root_change_set_id,
                                .on_stack_failure = row.on_stack_failure};
    for (const Parameter& parameter : row.target.parameters) {
        if (!out.parameters) out.parameters.emplace();
        out.parameters->push_back(shown(parameter));
    }
    if (!row.target.tags.empty()) out.tags = row.target.tags;
    return out;
}

Task<Result<DescribeChangeSetOutput>> describe_change_set(CloudFormation& service, Caller caller,
                                                          DescribeChangeSetInput input) {
    MILL_CO_TRY(const FoundChangeSet found,
                find_change_set(service, caller, *input.change_set_name, input.stack_name));
    MILL_CO_TRY(const std::int64_t first, page_position(input.next_token, 0));
    const ChangeSetRow& row = *found.change_set;
    DescribeChangeSetOutput output = description_of(row, *found.stack->durable);
    const auto count = static_cast<std::int64_t>(row.changes.size());
    const std::int64_t end = std::min(first + page_size, count);
    for (std::int64_t i = first; i < end; ++i)
        output.changes.push_back(
            {.resource = shown(row.changes[static_cast<std::size_t>(i)],
                               input.include_property_values.value_or(false))});
    if (end < count) output.next_token = page_token(end);
    co_return output;
}

}  // namespace

extern const wire::Operation describe_change_set_operation;
const wire::Operation describe_change_set_operation =
    wire::operation<&describe_change_set>("DescribeChangeSet");

}  // namespace mill::cloudformation
