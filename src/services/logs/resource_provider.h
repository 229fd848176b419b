// SPDX-License-Identifier: Apache-2.0
// AWS::Logs::LogGroup, LogStream and SubscriptionFilter for CloudFormation.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Logs.html
#pragma once

#include "services/logs/logs.h"
#include "services/ports/resource_provider.h"

namespace mill::logs {

class LogResources final : public ports::ResourceProvider {
  public:
    explicit LogResources(Logs& logs) : logs_(logs) {}
    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    Task<Result<ports::Resource>> create_group(ports::ResourceRequest request);
    Task<Result<ports::Resource>> create_stream(ports::ResourceRequest request);
    Task<Result<ports::Resource>> put_filter(ports::ResourceRequest request, std::string name);
    Task<Result<ports::Resource>> update_group(ports::ResourceRequest request, std::string name,
                                               wire::Value old_properties);

    Logs& logs_;
};

}  // namespace mill::logs
