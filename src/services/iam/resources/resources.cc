// SPDX-License-Identifier: Apache-2.0
#include "services/iam/resources/resources.h"

#include <array>

namespace mill::iam {
namespace {

constexpr std::array<const ResourceType*, 8> all_types = {
    &role_resource, &policy_resource, &managed_policy_resource, &instance_profile_resource,
    &user_resource, &group_resource,  &access_key_resource,     &user_to_group_resource};

const ResourceType& type_of(std::string_view name) {
    for (const ResourceType* type : all_types) {
        if (type->name == name) return *type;
    }
    return role_resource;  // CloudFormation asks for types() only
}

}  // namespace

std::span<const std::string_view> Iam::types() const {
    static const auto names = [] {
        std::array<std::string_view, all_types.size()> list;
        for (std::size_t i = 0; i < list.size(); ++i) list[i] = all_types[i]->name;
        return list;
    }();
    return names;
}

std::span<const std::string_view> Iam::create_only(std::string_view type) const {
    return type_of(type).create_only;
}

Task<Result<ports::Resource>> Iam::create(ports::ResourceRequest request) {
    const ResourceType& type = type_of(request.type);
    return type.create(*this, std::move(request));
}

Task<Result<ports::Resource>> Iam::update(ports::ResourceRequest request, std::string physical_id,
                                          wire::Value old_properties) {
    const ResourceType& type = type_of(request.type);
    for (const std::string_view fixed : type.create_only) {
        if (ports::differ(request.properties, old_properties, {fixed}))
            co_return ports::needs_replacement(fixed);
    }
    co_return co_await type.update(*this, std::move(request), std::move(physical_id),
                                   std::move(old_properties));
}

Task<Result<void>> Iam::remove(ports::ResourceRequest request, std::string physical_id) {
    const ResourceType& type = type_of(request.type);
    return type.remove(*this, std::move(request), std::move(physical_id));
}

std::string fitted(const std::string& generated, std::size_t length_max) {
    constexpr std::size_t end = 13;
    if (generated.size() <= length_max) return generated;
    return generated.substr(0, length_max - end) + generated.substr(generated.size() - end);
}

Result<void> apply_tags(Tags& tags, const std::optional<TagList>& before,
                        const std::optional<TagList>& now) {
    MILL_TRY(const Tags added, tags_of(now));
    for (const Tag& tag : before.value_or(TagList())) tags.erase(*tag.key);
    for (const auto& [key, value] : added) tags.insert_or_assign(key, value);
    return check_tags(tags);
}

}  // namespace mill::iam
