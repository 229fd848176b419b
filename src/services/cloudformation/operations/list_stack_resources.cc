// SPDX-License-Identifier: Apache-2.0
// ListStackResources, in pages.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

namespace {

struct ListStackResourcesInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> next_token;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = ListStackResourcesInput;
        return wire::structure(
            "ListStackResourcesInput",
            wire::member<&In::stack_name>("StackName").required().length(1, 2048),
            wire::member<&In::next_token>("NextToken").length(1, 1024));
    }
};

struct StackResourceSummary {
    std::string logical_resource_id;
    std::string physical_resource_id;
    std::string resource_type;
    WallTime last_updated_timestamp;
    std::string resource_status;
    std::optional<std::string> resource_status_reason;
    ResourceDriftInformation drift_information;

    static constexpr auto shape() {
        using Out = StackResourceSummary;
        return wire::structure("StackResourceSummary",
                               wire::member<&Out::logical_resource_id>("LogicalResourceId"),
                               wire::member<&Out::physical_resource_id>("PhysicalResourceId"),
                               wire::member<&Out::resource_type>("ResourceType"),
                               wire::member<&Out::last_updated_timestamp>("LastUpdatedTimestamp"),
                               wire::member<&Out::resource_status>("ResourceStatus"),
                               wire::member<&Out::resource_status_reason>("ResourceStatusReason"),
                               wire::member<&Out::drift_information>("DriftInformation"));
    }
};

struct ListStackResourcesOutput {
    std::vector<StackResourceSummary> summaries;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using Out = ListStackResourcesOutput;
        return wire::structure("ListStackResourcesOutput",
                               wire::member<&Out::summaries>("StackResourceSummaries"),
                               wire::member<&Out::next_token>("NextToken"));
    }
};

Task<Result<ListStackResourcesOutput>> list_stack_resources(CloudFormation& service, Caller caller,
                                                            ListStackResourcesInput input) {
    MILL_CO_TRY(const std::shared_ptr<const StackRow> row,
                service.existing(caller, *input.stack_name));
    MILL_CO_TRY(const std::int64_t first, page_position(input.next_token, 0));
    ListStackResourcesOutput output;
    std::int64_t position = 0;
    for (const ResourceRow& resource : row->now.resources) {
        if (resource.status.empty() || position++ < first) continue;
        if (position > first + page_size) {
            output.next_token = page_token(first + page_size);
            break;
        }
        output.summaries.push_back({.logical_resource_id = resource.logical_id,
                                    .physical_resource_id = resource.physical_id,
                                    .resource_type = resource.type,
                                    .last_updated_timestamp = resource.updated,
                                    .resource_status = resource.status,
                                    .resource_status_reason = resource.status_reason});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_stack_resources_operation;
const wire::Operation list_stack_resources_operation =
    wire::operation<&list_stack_resources>("ListStackResources");

}  // namespace mill::cloudformation
