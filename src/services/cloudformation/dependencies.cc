// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/dependencies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace mill::cloudformation {

using wire::Value;

Result<std::vector<std::string>> dependencies_of(const Value& resource, const Value& all,
                                                 const ConditionValues* conditions) {
    std::set<std::string> names;
    std::vector<Reference> references;
    if (const Value* properties = resource.find("Properties")) {
        MILL_CHECK(collect_references(*properties, conditions, references));
    }
    for (const Reference& reference : references) {
        if (all.find(reference.name)) names.insert(reference.name);
    }
    if (const Value* listed = resource.find("DependsOn")) {
        if (const std::string* one = listed->string()) names.insert(*one);
        if (const Value::List* items = listed->items()) {
            for (const Value& item : *items) {
                if (const std::string* one = item.string()) names.insert(*one);
            }
        }
    }
    return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<Node>> in_dependency_order(std::vector<Node> nodes) {
    std::set<std::string> waiting;
    for (const Node& node : nodes) waiting.insert(node.id);
    std::vector<Node> ordered;
    while (!nodes.empty()) {
        const auto next = std::ranges::find_if(nodes, [&](const Node& node) {
            return std::ranges::none_of(
                node.depends_on, [&](const std::string& id) { return waiting.contains(id); });
        });
        if (next == nodes.end()) {
            return fail("ValidationError",
                        fmt::format("Circular dependency between resources: [{}]",
                                    fmt::join(waiting, ", ")),
                        400);
        }
        waiting.erase(next->id);
        ordered.push_back(std::move(*next));
        nodes.erase(next);
    }
    return ordered;
}

}  // namespace mill::cloudformation
