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
                                                  std::string physical_id,
                                                  wire::Value old_properties);
Task<Result<void>> remove_url_resource(Lambda& lambda, ports::ResourceRequest request,
                                       std::string physical_id);

Task<Result<ports::Resource>> create_layer_version_resource(Lambda& lambda,
                                                            ports::ResourceRequest request);
Task<Result<void>> remove_layer_version_resource(Lambda& lambda, std::string physical_id);
Task<Result<ports::Resource>> create_layer_permission_resource(Lambda& lambda,
                                                               ports::ResourceRequest request);
Task<Result<void>> remove_layer_permission_resource(Lambda& lambda, std::string physical_id);

// Permissions are kept, not enforced: every caller of a local server may invoke every function.
Task<Result<ports::Resource>> create_permission_resource(Lambda& lambda, storage::Table& table,
                                                         ports::ResourceRequest request);
Task<Result<void>> remove_permission_resource(storage::Table& table, ports::ResourceRequest request,
                                              std::string physical_id);

}  // namespace mill::lambda
