// SPDX-License-Identifier: Apache-2.0
// DescribeStacks: one stack by name or ARN (deleted ones by ARN), or all that are not deleted,
// newest first.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

namespace {

struct DescribeStacksInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> next_token;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = DescribeStacksInput;
        return wire::structure("DescribeStacksInput",
                               wire::member<&In::stack_name>("StackName").length(1, 2048),
                               wire::member<&In::next_token>("NextToken").length(1, 1024));
    }
};

struct StackDescription {
    std::string stack_id;
    std::string stack_name;
    std::optional<std::string> change_set_id;
    std::optional<std::string> description;
    std::vector<ParameterOutput> parameters;
    WallTime creation_time;
    std::optional<WallTime> deletion_time;
    std::optional<WallTime> last_updated_time;
    wire::Empty rollback_configuration;
    std::string stack_status;
    std::optional<std::string> stack_status_reason;
    bool disable_rollback = false;
    std::optional<std::int64_t> timeout_in_minutes;
    std::vector<std::string> notification_arns;  // none: there are no topics
    std::vector<std::string> capabilities;
    std::vector<StackOutput> outputs;
    std::optional<std::string> role_arn;
    std::vector<Tag> tags;
    bool enable_termination_protection = false;
    std::optional<std::string> parent_id;
    std::optional<std::string> root_id;
    DriftInformation drift_information;

    static constexpr auto shape() {
        using Out = StackDescription;
        return wire::structure(
            "Stack", wire::member<&Out::stack_id>("StackId"),
            wire::member<&Out::stack_name>("StackName"),
            wire::member<&Out::change_set_id>("ChangeSetId"),
            wire::member<&Out::description>("Description"),
            wire::member<&Out::parameters>("Parameters"),
            wire::member<&Out::creation_time>("CreationTime"),
            wire::member<&Out::deletion_time>("DeletionTime"),
            wire::member<&Out::last_updated_time>("LastUpdatedTime"),
            wire::member<&Out::rollback_configuration>("RollbackConfiguration"),
            wire::member<&Out::stack_status>("StackStatus"),
            wire::member<&Out::stack_status_reason>("StackStatusReason"),
            wire::member<&Out::disable_rollback>("DisableRollback"),
            wire::member<&Out::timeout_in_minutes>("TimeoutInMinutes"),
            wire::member<&Out::notification_arns>("NotificationARNs"),
            wire::member<&Out::capabilities>("Capabilities"),
            wire::member<&Out::outputs>("Outputs"), wire::member<&Out::role_arn>("RoleARN"),
            wire::member<&Out::tags>("Tags"),
            wire::member<&Out::enable_termination_protection>("EnableTerminationProtection"),
            wire::member<&Out::parent_id>("ParentId"), wire::member<&Out::root_id>("RootId"),
            wire::member<&Out::drift_information>("DriftInformation"));
    }
};

struct DescribeStacksOutput {
    std::vector<StackDescription> stacks;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using Out = DescribeStacksOutput;
        return wire::structure("DescribeStacksOutput", wire::member<&Out::stacks>("Stacks"),
                               wire::member<&Out::next_token>("NextToken"));
    }
};

StackDescription description_of(const StackRow& row) {
    StackDescription out{.stack_id = row.stack_id,
                         .stack_name = row.name,
                         .change_set_id = row.change_set_id,
                         .description = row.now.description,
                         .creation_time = row.created,
                         .deletion_time = row.deleted,
                         .last_updated_time = row.last_updated,
                         .stack_status = row.status,
                         .stack_status_reason = row.status_reason,
                         .disable_rollback = row.disable_rollback,
                         .timeout_in_minutes = row.timeout_minutes,
                         .capabilities = row.now.capabilities,
                         .outputs = row.now.outputs,
                         .role_arn = row.role_arn,
                         .tags = row.now.tags,
                         .enable_termination_protection = row.termination_protection,
                         .parent_id = row.parent_id,
                         .root_id = row.root_id};
    for (const Parameter& parameter : row.now.parameters)
        out.parameters.push_back(shown(parameter));
    return out;
}

Task<Result<DescribeStacksOutput>> describe_stacks(CloudFormation& service, Caller caller,
                                                   DescribeStacksInput input) {
    DescribeStacksOutput output;
    if (input.stack_name) {
        MILL_CO_TRY(const std::shared_ptr<const StackRow> row,
                    service.existing(caller, *input.stack_name));
        output.stacks.push_back(description_of(*row));
        co_return output;
    }
    MILL_CO_TRY(const std::int64_t first, page_position(input.next_token, 0));
    std::int64_t position = 0;
    for (const Stack* stack : service.stacks().of(caller)) {
        if (stack->durable->deleted || position++ < first) continue;
        if (position > first + page_size) {
            output.next_token = page_token(first + page_size);
            break;
        }
        output.stacks.push_back(description_of(*stack->durable));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation describe_stacks_operation;
const wire::Operation describe_stacks_operation =
    wire::operation<&describe_stacks>("DescribeStacks");

}  // namespace mill::cloudformation
