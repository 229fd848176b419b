// SPDX-License-Identifier: Apache-2.0
// What an update would do to each resource of a stack, as a change set shows it. Pure.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/stack.h"
#include "services/ports/parameter_store.h"
#include "wire/shape.h"

namespace mill::cloudformation {

struct ChangeTarget {
    std::string attribute = "Properties";
    std::string name;
    std::string requires_recreation;  // Never, Always

    static constexpr auto shape() {
        using Out = ChangeTarget;
        return wire::structure("ResourceTargetDefinition",
                               wire::member<&Out::attribute>("Attribute"),
                               wire::member<&Out::name>("Name"),
                               wire::member<&Out::requires_recreation>("RequiresRecreation"));
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

    static constexpr auto shape() {
        using Out = ResourceChange;
        return wire::structure("ResourceChange", wire::member<&Out::policy_action>("PolicyAction"),
                               wire::member<&Out::action>("Action"),
                               wire::member<&Out::logical_id>("LogicalResourceId"),
                               wire::member<&Out::physical_id>("PhysicalResourceId"),
                               wire::member<&Out::type>("ResourceType"),
                               wire::member<&Out::replacement>("Replacement"),
                               wire::member<&Out::scope>("Scope"),
                               wire::member<&Out::details>("Details"));
    }
};

// The properties of a type whose change needs a new resource.
using CreateOnly = std::function<std::span<const std::string_view>(std::string_view type)>;

// From `before` (a stack without resources: all are added) to `after`, whose resources are the
// plan. In the order of creation, removals last.
Result<std::vector<ResourceChange>> changes_between(const StackRow& before, const StackRow& after,
                                                    const CreateOnly& create_only,
                                                    const ports::ParameterStore* store);

}  // namespace mill::cloudformation
