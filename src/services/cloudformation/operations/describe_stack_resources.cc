// SPDX-License-Identifier: Apache-2.0
// DescribeStackResources: of a stack, or of the stack that has a physical resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

namespace {

struct DescribeStackResourcesInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> logical_resource_id;
    std::optional<std::string> physical_resource_id;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = DescribeStackResourcesInput;
        return wire::structure("DescribeStackResourcesInput",
                               wire::member<&In::stack_name>("StackName").length(1, 2048),
                               wire::member<&In::logical_resource_id>("LogicalResourceId"),
                               wire::member<&In::physical_resource_id>("PhysicalResourceId"));
    }
};

struct StackResource {
    std::string stack_name;
    std::string stack_id;
    std::string logical_resource_id;
    std::string physical_resource_id;
    std::string resource_type;
    WallTime timestamp;
    std::string resource_status;
    std::optional<std::string> resource_status_reason;
    ResourceDriftInformation drift_information;

    static constexpr auto shape() {
        using Out = StackResource;
        return wire::structure("StackResource", wire::member<&Out::stack_name>("StackName"),
                               wire::member<&Out::stack_id>("StackId"),
                               wire::member<&Out::logical_resource_id>("LogicalResourceId"),
                               wire::member<&Out::physical_resource_id>("PhysicalResourceId"),
                               wire::member<&Out::resource_type>("ResourceType"),
                               wire::member<&Out::timestamp>("Timestamp"),
                               wire::member<&Out::resource_status>("ResourceStatus"),
                               wire::member<&Out::resource_status_reason>("ResourceStatusReason"),
                               wire::member<&Out::drift_information>("DriftInformation"));
    }
};

struct DescribeStackResourcesOutput {
    std::vector<StackResource> stack_resources;

    static constexpr auto shape() {
        return wire::structure(
            "DescribeStackResourcesOutput",
            wire::member<&DescribeStackResourcesOutput::stack_resources>("StackResources"));
    }
};

std::shared_ptr<const StackRow> owner_of(CloudFormation& service, const Caller& caller,
                                         const std::string& physical_id) {
    for (const Stack* stack : service.stacks().of(caller)) {
        const auto& resources = stack->durable->now.resources;
        const bool has_it =
            std::ranges::find(resources, physical_id, &ResourceRow::physical_id) != resources.end();
        if (has_it && !stack->durable->deleted) return stack->durable;
    }
    return nullptr;
}

Task<Result<DescribeStackResourcesOutput>> describe_stack_resources(
    CloudFormation& service, Caller caller, DescribeStackResourcesInput input) {
    if (input.stack_name.has_value() == input.physical_resource_id.has_value()) {
        co_return fail("ValidationError",
                       "Exactly one of StackName and PhysicalResourceId must be specified.", 400);
    }
    std::shared_ptr<const StackRow> row;
    if (input.stack_name) {
        MILL_CO_TRY(row, service.existing(caller, *input.stack_name));
    } else {
        row = owner_of(service, caller, *input.physical_resource_id);
        if (!row)
            co_return fail("ValidationError",
                           fmt::format("Stack for {} does not exist", *input.physical_resource_id),
                           400);
    }
    DescribeStackResourcesOutput output;
    for (const ResourceRow& resource : row->now.resources) {
        if (resource.status.empty()) continue;
        if (input.logical_resource_id && *input.logical_resource_id != resource.logical_id)
            continue;
        output.stack_resources.push_back({.stack_name = row->name,
                                          .stack_id = row->stack_id,
                                          .logical_resource_id = resource.logical_id,
                                          .physical_resource_id = resource.physical_id,
                                          .resource_type = resource.type,
                                          .timestamp = resource.updated,
                                          .resource_status = resource.status,
                                          .resource_status_reason = resource.status_reason});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation describe_stack_resources_operation;
const wire::Operation describe_stack_resources_operation =
    wire::operation<&describe_stack_resources>("DescribeStackResources");

}  // namespace mill::cloudformation
