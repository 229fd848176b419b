// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/nested_properties.h"

#include <algorithm>

#include "services/ports/properties.h"

namespace mill::cloudformation {

Result<NestedProperties> read_nested(wire::Value properties) {
    if (wire::Value* parameters = properties.find("Parameters");
        parameters && parameters->members()) {
        for (auto& [name, value] : *parameters->members()) {
            if (!value.items()) continue;
            std::string joined;
            for (const wire::Value& item : *value.items())
                joined += (joined.empty() ? "" : ",") + scalar_text(item).value_or("");
            value = joined;
        }
    }
    return ports::read_properties<NestedProperties>(std::move(properties));
}

std::vector<GivenParameter> given(const NestedProperties& properties) {
    std::vector<GivenParameter> out;
    if (!properties.parameters) return out;
    for (const auto& [key, value] : *properties.parameters)
        out.push_back({.key = key, .value = value});
    return out;
}

std::vector<Tag> tags_of(const StackRow& parent, const NestedProperties& properties) {
    std::vector<Tag> tags = parent.now.tags;
    for (const Tag& tag : properties.tags.value_or(std::vector<Tag>())) {
        std::erase_if(tags, [&](const Tag& one) { return one.key == tag.key; });
        tags.push_back(tag);
    }
    return tags;
}

}  // namespace mill::cloudformation
