// SPDX-License-Identifier: Apache-2.0
// What an update would do to each resource of a stack, as a change set shows it. Pure. Values that
// a NoEcho parameter has given are shown as "****".
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/plan.h"
#include "services/cloudformation/stack.h"
#include "services/ports/parameter_store.h"
#include "wire/shape.h"

namespace mill::cloudformation {

struct ChangeTarget {
    std::string attribute = "Properties";
    std::string name;
    std::string requires_recreation;  // Never, Always
    // Shown when they are asked for; values that are no scalars as JSON.
    std::optional<std::string> path;  // "/Properties/ShardCount"
    std::optional<std::string> before_value;
    std::optional<std::string> after_value;
    std::optional<std::string> attribute_change_type;  // Add, Modify, Remove

    static constexpr auto shape() {
        using Out = ChangeTarget;
        return wire::structure(
            "ResourceTargetDefinition", wire::member<&Out::attribute>("Attribute"),
            wire::member<&Out::name>("Name"),
            wire::member<&Out::requires_recreation>("RequiresRecreation"),
            wire::member<&Out::path>("Path"), wire::member<&Out::before_value>("BeforeValue"),
            wire::member<&Out::after_value>("AfterValue"),
            wire::member<&Out::attribute_change_type>("AttributeChangeType"));
    }
};

struct ChangeDetail {
    ChangeTarget target;
    std::string evaluation;  // Static; Dynamic: known only once another resource has changed
    std::string change_source;
    std::optional<std::string> causing_entity;

    static constexpr auto shape() {
        using Out = ChangeDetail;
        return wire::structure("ResourceChangeDetail", wire::member<&Out::target>("Target"),
                               wire::member<&Out::evaluation>("Evaluation"),
                               wire::member<&Out::change_source>("ChangeSource"),
                               wire::member<&Out::causing_entity>("CausingEntity"));
    }
};

struct ResourceChange {
    std::optional<std::string> policy_action;
    std::string action;  // Add, Modify, Remove
    std::string logical_id;
    std::optional<std::string> physical_id;
    std::string type;
    std::optional<std::string> replacement;  // of Modify: True, False, Conditional
    std::vector<std::string> scope;
    std::vector<ChangeDetail> details;
    std::optional<std::string> change_set_id;  // of a nested stack
    // JSON of the properties, shown when it is asked for.
    std::optional<std::string> before_context;
    std::optional<std::string> after_context;

    static constexpr auto shape() {
        using Out = ResourceChange;
        return wire::structure("ResourceChange", wire::member<&Out::policy_action>("PolicyAction"),
                               wire::member<&Out::action>("Action"),
                               wire::member<&Out::logical_id>("LogicalResourceId"),
                               wire::member<&Out::physical_id>("PhysicalResourceId"),
                               wire::member<&Out::type>("ResourceType"),
                               wire::member<&Out::replacement>("Replacement"),
                               wire::member<&Out::scope>("Scope"),
                               wire::member<&Out::details>("Details"),
                               wire::member<&Out::change_set_id>("ChangeSetId"),
                               wire::member<&Out::before_context>("BeforeContext"),
                               wire::member<&Out::after_context>("AfterContext"));
    }
};

// The properties of a type whose change needs a new resource.
using CreateOnly = std::function<std::span<const std::string_view>(std::string_view type)>;

// From `before` (a stack without resources: all are added) to `after`, whose resources are the
// plan. In the order of creation, removals last.
Result<std::vector<ResourceChange>> changes_between(const StackRow& before, const StackRow& after,
                                                    const CreateOnly& create_only,
                                                    const ports::ParameterStore* store);

// The properties that a resource of the plan would have, as far as it is known: what only the
// changes tell is known_after_apply.
Result<wire::Value> future_properties(const Plan& plan, const StackRow& after,
                                      const std::vector<ResourceChange>& changes,
                                      const std::string& logical_id);

}  // namespace mill::cloudformation
