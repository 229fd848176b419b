// SPDX-License-Identifier: Apache-2.0
// The order in which the resources of a stack are made: from Ref, Fn::GetAtt, Fn::Sub and
// DependsOn. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/intrinsics.h"
#include "wire/value.h"

namespace mill::cloudformation {

struct Node {
    std::string id;
    std::vector<std::string> depends_on;  // sorted, each once
    bool operator==(const Node&) const = default;
};

// The resources that `resource` (an entry of the Resources section) needs, among `all`. With
// `conditions`, only along the branches that Fn::If takes.
Result<std::vector<std::string>> dependencies_of(const wire::Value& resource,
                                                 const wire::Value& all,
                                                 const ConditionValues* conditions);

// Every node after those it depends on, otherwise in the given order; names that are not nodes do
// not count. "Circular dependency between resources: [A, B]".
Result<std::vector<Node>> in_dependency_order(std::vector<Node> nodes);

}  // namespace mill::cloudformation
