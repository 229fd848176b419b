// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/resources/resources.h"

#include <array>

#include "services/lambda/resources/properties.h"

namespace mill::lambda {
namespace {

constexpr std::array<const ResourceType*, 9> all_types = {
    &function_resource, &mapping_resource, &permission_resource,    &event_invoke_config_resource,
    &version_resource,  &alias_resource,   &layer_version_resource, &layer_permission_resource,
    &url_resource};

const ResourceType& type_of(std::string_view name) {
    for (const ResourceType* type : all_types) {
        if (type->name == name) return *type;
    }
    return function_resource;  // CloudFormation asks for types() only
}

}  // namespace

std::span<const std::string_view> Lambda::types() const {
    static const auto names = [] {
        std::array<std::string_view, all_types.size()> list;
        for (std::size_t i = 0; i < list.size(); ++i) list[i] = all_types[i]->name;
        return list;
    }();
    return names;
}

std::span<const std::string_view> Lambda::create_only(std::string_view type) const {
    return type_of(type).create_only;
}

Task<Result<ports::Resource>> Lambda::create(ports::ResourceRequest request) {
    const ResourceType& type = type_of(request.type);
    return type.create(*this, std::move(request));
}

Task<Result<ports::Resource>> Lambda::update(ports::ResourceRequest request,
                                             std::string physical_id, wire::Value old_properties) {
    const ResourceType& type = type_of(request.type);
    for (const std::string_view fixed : type.create_only) {
        if (differ(request.properties, old_properties, {fixed})) co_return needs_replacement(fixed);
    }
    if (type.update == nullptr) co_return needs_replacement(type.name);
    co_return co_await type.update(*this, std::move(request), std::move(physical_id),
                                   std::move(old_properties));
}

Task<Result<void>> Lambda::remove(ports::ResourceRequest request, std::string physical_id) {
    const ResourceType& type = type_of(request.type);
    return type.remove(*this, std::move(request), std::move(physical_id));
}

}  // namespace mill::lambda
