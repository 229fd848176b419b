// SPDX-License-Identifier: Apache-2.0
// AWS::CloudFormation::Stack: a stack as a resource of another one. Its template comes from S3, its
// outputs are attributes ("Outputs.X"), and it has the capabilities and tags of its parent.
//
// It is a stack like any other, with its own row and run: who makes it waits until that has ended.
// A crash in between finds it by the name that was recorded for it, and an update of it as begun.
// One that fails is left as it is, for its parent's rollback to remove. An update that its parent
// rolls back brings back the template that was there before, whatever its URL leads to by then,
// also in the stacks that it nests itself; a rollback of its own that failed goes on with its
// parent's. An update that its parent's caller wants left as it failed is left so here, too.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
#pragma once

#include "services/cloudformation/change_set.h"
#include "services/cloudformation/stack.h"
#include "services/ports/resource_provider.h"

namespace mill::cloudformation {

class CloudFormation;

inline constexpr std::string_view nested_stack_type = "AWS::CloudFormation::Stack";

class NestedStacks final : public ports::ResourceProvider {
  public:
    explicit NestedStacks(CloudFormation& service) : service_(service) {}
    std::span<const std::string_view> types() const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    Task<Result<std::string>> begin(ports::ResourceRequest request);
    Result<std::string> with_body_before(const Caller& caller, const std::string& parent_id,
                                         const std::string& stack_id, std::string body) const;
    ChangeSetPointer shown_change(const Stack* parent, const std::string& stack_id) const;
    Task<Result<void>> end_rollback(Caller caller, std::string stack_id);
    Task<Result<ports::Resource>> ended(Caller caller, std::string stack_id, std::string done);

    CloudFormation& service_;
};

}  // namespace mill::cloudformation
