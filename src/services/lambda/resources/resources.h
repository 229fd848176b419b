// SPDX-License-Identifier: Apache-2.0
// CloudFormation's resource types of Lambda. They go through the API's own operations, so rules and
// limits are the same.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
#pragma once

#include "services/lambda/lambda.h"

namespace mill::lambda {

Task<Result<ports::Resource>> create_function_resource(Lambda& lambda,
                                                       ports::ResourceRequest request);
Task<Result<ports::Resource>> update_function_resource(Lambda& lambda,
                                                       ports::ResourceRequest request,
                                                       std::string physical_id,
                                                       wire::Value old_properties);
Task<Result<void>> remove_function_resource(Lambda& lambda, ports::ResourceRequest request,
                                            std::string physical_id);

Task<Result<ports::Resource>> create_mapping_resource(Lambda& lambda,
                                                      ports::ResourceRequest request);
Task<Result<ports::Resource>> update_mapping_resource(Lambda& lambda,
                                                      ports::ResourceRequest request,
                                                      std::string physical_id,
                                                      wire::Value old_properties);
Task<Result<void>> remove_mapping_resource(Lambda& lambda, ports::ResourceRequest request,
                                           std::string physical_id);

Task<Result<ports::Resource>> create_event_invoke_config_resource(Lambda& lambda,
                                                                  ports::ResourceRequest request);
Task<Result<ports::Resource>> update_event_invoke_config_resource(Lambda& lambda,
                                                                  ports::ResourceRequest request,
                                                                  wire::Value old_properties);
Task<Result<void>> remove_event_invoke_config_resource(Lambda& lambda,
                                                       ports::ResourceRequest request,
                                                       std::string physical_id);

Task<Result<ports::Resource>> create_url_resource(Lambda& lambda, ports::ResourceRequest request);
Task<Result<ports::Resource>> update_url_resource(Lambda& lambda, ports::ResourceRequest request,
                                                  wire::Value old_properties);
Task<Result<void>> remove_url_resource(Lambda& lambda, ports::ResourceRequest request,
                                       std::string physical_id);

Task<Result<ports::Resource>> create_layer_version_resource(Lambda& lambda,
                                                            ports::ResourceRequest request);
Task<Result<void>> remove_layer_version_resource(Lambda& lambda, std::string physical_id);
Task<Result<ports::Resource>> create_layer_permission_resource(Lambda& lambda,
                                                               ports::ResourceRequest request);
Task<Result<void>> remove_layer_permission_resource(Lambda& lambda, std::string physical_id);

inline constexpr std::string_view version_create_only[] = {
    "FunctionName",          "CodeSha256",    "Description",
    "FunctionScalingConfig", "RuntimePolicy", "ProvisionedConcurrencyConfig"};
Task<Result<ports::Resource>> create_version_resource(Lambda& lambda,
                                                      ports::ResourceRequest request);
Task<Result<ports::Resource>> update_version_resource(Lambda& lambda,
                                                      ports::ResourceRequest request,
                                                      std::string physical_id,
                                                      wire::Value old_properties);
Task<Result<void>> remove_version_resource(Lambda& lambda, ports::ResourceRequest request,
                                           std::string physical_id);

inline constexpr std::string_view alias_create_only[] = {"FunctionName", "Name"};
Task<Result<ports::Resource>> create_alias_resource(Lambda& lambda, ports::ResourceRequest request);
Task<Result<ports::Resource>> update_alias_resource(Lambda& lambda, ports::ResourceRequest request,
                                                    wire::Value old_properties);
Task<Result<void>> remove_alias_resource(Lambda& lambda, ports::ResourceRequest request,
                                         std::string physical_id);

// Permissions are kept, not enforced: every caller of a local server may invoke every function.
Task<Result<ports::Resource>> create_permission_resource(Lambda& lambda,
                                                         ports::ResourceRequest request);
Task<Result<void>> remove_permission_resource(Lambda& lambda, ports::ResourceRequest request,
                                              std::string physical_id);

}  // namespace mill::lambda
