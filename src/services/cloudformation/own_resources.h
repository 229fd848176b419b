// SPDX-License-Identifier: Apache-2.0
// The resource types that no service provides: AWS::CloudFormation::WaitConditionHandle and
// AWS::CDK::Metadata, which are nothing but their id. With Options::record_unsupported every type
// that is not known is taken likewise, as a placeholder: it has an id and an Arn and does nothing.
// Keeps nothing itself; what it has made is in the stack's row.
#pragma once

#include "machine/machine.h"
#include "services/ports/resource_provider.h"

namespace mill::cloudformation {

class OwnResources final : public ports::ResourceProvider {
  public:
    std::span<const std::string_view> types() const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;
};

}  // namespace mill::cloudformation
