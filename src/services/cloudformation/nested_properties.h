// SPDX-License-Identifier: Apache-2.0
// What a template says of AWS::CloudFormation::Stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/cloudformation/nested_stacks.h"
#include "services/cloudformation/template.h"

namespace mill::cloudformation {

struct NestedProperties {
    std::optional<std::string> template_url;
    std::optional<std::map<std::string, std::string>> parameters;
    std::optional<std::vector<Tag>> tags;
    std::optional<std::int64_t> timeout_minutes;

    static constexpr auto shape() {
        using P = NestedProperties;
        return wire::structure(
            nested_stack_type,
            wire::refused("NotificationARNs", "There are no topics: poll DescribeStackEvents."),
            wire::member<&P::parameters>("Parameters"), wire::member<&P::tags>("Tags"),
            wire::member<&P::template_url>("TemplateURL").required().length(1, 5120),
            wire::member<&P::timeout_minutes>("TimeoutInMinutes").range(1, wire::unbounded_above));
    }
};

// Lists become texts, as templates' parameters have them.
Result<NestedProperties> read_nested(wire::Value properties);
std::vector<GivenParameter> given(const NestedProperties& properties);
// Those of the parent, and its own.
std::vector<Tag> tags_of(const StackRow& parent, const NestedProperties& properties);

}  // namespace mill::cloudformation
