// SPDX-License-Identifier: Apache-2.0
// DescribeStackResource: one resource, with its template's Metadata.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
#include <fmt/format.h>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

namespace {

struct DescribeStackResourceInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> logical_resource_id;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = DescribeStackResourceInput;
        return wire::structure(
            "DescribeStackResourceInput",
            wire::member<&In::stack_name>("StackName").required().length(1, 2048),
            wire::member<&In::logical_resource_id>("LogicalResourceId").required());
    }
};

struct StackResourceDetail {
    std::string stack_name;
    std::string stack_id;
    std::string logical_resource_id;
    std::string physical_resource_id;
    std::string resource_type;
    WallTime last_updated_timestamp;
    std::string resource_status;
    std::optional<std::string> resource_status_reason;
    std::string metadata;
    ResourceDriftInformation drift_information;

    static constexpr auto shape() {
        using Out = StackResourceDetail;
        return wire::structure("StackResourceDetail", wire::member<&Out::stack_name>("StackName"),
                               wire::member<&Out::stack_id>("StackId"),
                               wire::member<&Out::logical_resource_id>("LogicalResourceId"),
                               wire::member<&Out::physical_resource_id>("PhysicalResourceId"),
                               wire::member<&Out::resource_type>("ResourceType"),
                               wire::member<&Out::last_updated_timestamp>("LastUpdatedTimestamp"),
                               wire::member<&Out::resource_status>("ResourceStatus"),
                               wire::member<&Out::resource_status_reason>("ResourceStatusReason"),
                               wire::member<&Out::metadata>("Metadata"),
                               wire::member<&Out::drift_information>("DriftInformation"));
    }
};

struct DescribeStackResourceOutput {
    StackResourceDetail stack_resource_detail;

    static constexpr auto shape() {
        return wire::structure("DescribeStackResourceOutput",
                               wire::member<&DescribeStackResourceOutput::stack_resource_detail>(
                                   "StackResourceDetail"));
    }
};

Result<std::string> metadata_of(const StackRow& row, const std::string& logical_id) {
    MILL_TRY(const wire::Value document, wire::parse_json(row.now.processed));
    const wire::Value* resource = section_of(document, "Resources").find(logical_id);
    const wire::Value* metadata = resource ? resource->find("Metadata") : nullptr;
    return metadata ? write_json(*metadata) : "{}";
}

Task<Result<DescribeStackResourceOutput>> describe_stack_resource(
    CloudFormation& service, Caller caller, DescribeStackResourceInput input) {
    const std::shared_ptr<const StackRow> row = service.find(caller, *input.stack_name);
    if (!row)
        co_return fail("ValidationError",
                       fmt::format("Stack '{}' does not exist", *input.stack_name), 400);
    const ResourceRow* resource = find_resource(row->now.resources, *input.logical_resource_id);
    if (!resource || resource->status.empty()) {
        co_return fail("ValidationError",
                       fmt::format("Resource {} does not exist for stack {}",
                                   *input.logical_resource_id, row->name),
                       400);
    }
    MILL_CO_TRY(std::string metadata, metadata_of(*row, resource->logical_id));
    co_return DescribeStackResourceOutput{{.stack_name = row->name,
                                           .stack_id = row->stack_id,
                                           .logical_resource_id = resource->logical_id,
                                           .physical_resource_id = resource->physical_id,
                                           .resource_type = resource->type,
                                           .last_updated_timestamp = resource->updated,
                                           .resource_status = resource->status,
                                           .resource_status_reason = resource->status_reason,
                                           .metadata = std::move(metadata)}};
}

}  // namespace

extern const wire::Operation describe_stack_resource_operation;
const wire::Operation describe_stack_resource_operation =
    wire::operation<&describe_stack_resource>("DescribeStackResource");

}  // namespace mill::cloudformation
