// SPDX-License-Identifier: Apache-2.0
// CloudFormation's resource types of Lambda. They go through the API's own operations, so rules and
// limits are the same.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
#pragma once

#include "services/lambda/lambda.h"

namespace mill::lambda {

struct ResourceType {
    std::string_view name;
    std::span<const std::string_view> create_only;
    Task<Result<ports::Resource>> (*create)(Lambda& lambda, ports::ResourceRequest request);
    // Of properties that are not create_only. Null: any change makes another.
    Task<Result<ports::Resource>> (*update)(Lambda& lambda, ports::ResourceRequest request,
                                            std::string physical_id, wire::Value old_properties);
    Task<Result<void>> (*remove)(Lambda& lambda, ports::ResourceRequest request,
                                 std::string physical_id);
};
extern const ResourceType function_resource, mapping_resource, permission_resource,
    event_invoke_config_resource, version_resource, alias_resource, layer_version_resource,
    layer_permission_resource, url_resource;

}  // namespace mill::lambda
