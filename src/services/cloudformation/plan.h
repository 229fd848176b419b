// SPDX-License-Identifier: Apache-2.0
// What a stack's template comes to: the resources to be made, in order, and what names in it refer
// to. Pure.
#pragma once

#include <string>
#include <vector>

#include "services/cloudformation/intrinsics.h"
#include "services/cloudformation/stack.h"
#include "services/ports/parameter_store.h"

namespace mill::cloudformation {

// Names as one stack's template sees them. The row must outlive it.
class StackReferences final : public References {
  public:
    explicit StackReferences(const StackRow& row, const ports::ParameterStore* store = nullptr)
        : row_(row), store_(store) {}
    Result<wire::Value> ref(const std::string& name) const override;
    Result<wire::Value> get_att(const std::string& resource,
                                const std::string& attribute) const override;
    Result<wire::Value> import_value(const std::string& name) const override;
    Result<std::string> parameter(const std::string& name) const override;

  private:
    const StackRow& row_;
    const ports::ParameterStore* store_;
};

// A stack as its template sees it before there is anything: its names and parameters.
StackRow bare_row(const StackRow& row);

// A processed template with the values of its conditions.
struct Plan {
    wire::Value document;
    ConditionValues conditions;
    const ports::ParameterStore* store = nullptr;  // for dynamic references
};
// Of row.now.
Result<Plan> plan_of(const StackRow& row, const ports::ParameterStore* store);

// The resources whose condition holds, in dependency order, none of them begun.
Result<std::vector<ResourceRow>> planned_resources(const Plan& plan);
// The properties of a resource of the plan in that context, with the stack's tags among its own if
// its type has tags; its own win.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-add-tags.html
Result<wire::Value> resolved_properties(const Plan& plan, const Context& context,
                                        const std::vector<Tag>& stack_tags,
                                        const std::string& logical_id);
// With references resolved by what the stack's resources are by now.
Result<wire::Value> planned_properties(const Plan& plan, const StackRow& row,
                                       const std::string& logical_id);
// The names of the exports that the template uses.
Result<std::vector<std::string>> planned_imports(const Plan& plan, const StackRow& row);
Result<std::vector<StackOutput>> planned_outputs(const Plan& plan, const StackRow& row);

}  // namespace mill::cloudformation
