// SPDX-License-Identifier: Apache-2.0
#include "services/iam/declarations.h"

#include <fmt/format.h>

#include "wire/http.h"

namespace mill::iam {
namespace {

std::optional<BoundaryDescription> boundary_of(const Text& arn) {
    if (!arn) return std::nullopt;
    return BoundaryDescription{.arn = *arn};
}

}  // namespace

Result<Tags> tags_of(const std::optional<TagList>& list) {
    Tags tags;
    for (const Tag& tag : list ? *list : TagList()) {
        if (!tags.emplace(*tag.key, *tag.value).second)
            return invalid_input(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    return tags;
}

TagList tag_list(const Tags& tags) {
    TagList list;
    for (const auto& [key, value] : tags) list.push_back({key, value});
    return list;
}

RoleDescription describe(const Role& role, bool whole) {
    RoleDescription out{.path = role.path,
                        .name = role.name,
                        .id = role.id,
                        .arn = role.arn,
                        .created = role.created,
                        .assume_role_policy = wire::http::percent_encode(
                            document_text(role.assume_role_policy), false),
                        .description = role.description,
                        .max_session_seconds = role.max_session_seconds};
    if (!whole) return out;
    out.boundary = boundary_of(role.boundary);
    if (!role.tags.empty()) out.tags = tag_list(role.tags);
    out.last_used = RoleLastUsed();
    return out;
}

UserDescription describe(const User& user, bool whole) {
    UserDescription out{.path = user.path,
                        .name = user.name,
                        .id = user.id,
                        .arn = user.arn,
                        .created = user.created};
    if (!whole) return out;
    out.boundary = boundary_of(user.boundary);
    if (!user.tags.empty()) out.tags = tag_list(user.tags);
    return out;
}

GroupDescription describe(const Group& group, bool) {
    return {.path = group.path,
            .name = group.name,
            .id = group.id,
            .arn = group.arn,
            .created = group.created};
}

VersionDescription describe(const ManagedPolicy& policy, const PolicyVersion& version, bool whole) {
    VersionDescription out{.id = version.id,
                           .is_default = version.id == policy.default_version,
                           .created = version.created};
    if (whole) out.document = wire::http::percent_encode(version.document, false);
    return out;
}

Result<PolicyDescription> describe(const Iam& iam, const std::string& account,
                                   const ManagedPolicy& policy, bool whole) {
    const std::string uses = uses_prefix(account, policy.arn);
    MILL_TRY(const auto attachments, iam.names(uses + "policy/"));
    MILL_TRY(const auto boundaries, iam.names(uses + "boundary/"));
    PolicyDescription out{.name = policy.name,
                          .id = policy.id,
                          .arn = policy.arn,
                          .path = policy.path,
                          .default_version = policy.default_version,
                          .attachments = static_cast<std::int64_t>(attachments.size()),
                          .boundary_uses = static_cast<std::int64_t>(boundaries.size()),
                          .created = policy.created,
                          .updated = policy.updated};
    if (!whole) return out;
    out.description = policy.description;
    if (!policy.tags.empty()) out.tags = tag_list(policy.tags);
    return out;
}

Result<ProfileDescription> describe(const Iam& iam, const std::string& account,
                                    const InstanceProfile& profile, bool whole) {
    ProfileDescription out{.path = profile.path,
                           .name = profile.name,
                           .id = profile.id,
                           .arn = profile.arn,
                           .created = profile.created};
    if (profile.role) {
        MILL_TRY(const auto role, iam.find<Role>(account, *profile.role));
        if (role) out.roles.push_back(describe(*role, false));
    }
    if (whole && !profile.tags.empty()) out.tags = tag_list(profile.tags);
    return out;
}

Result<PageRequest> page_request(const Text& marker, std::optional<std::int64_t> items_max) {
    PageRequest page;
    if (items_max) page.items_max = static_cast<std::size_t>(*items_max);
    if (!marker) return page;
    auto after = base64_decode(*marker);
    if (!after) return fail("ValidationError", "Invalid Marker.", 400);
    page.after = *std::move(after);
    return page;
}

std::string marker_after(const std::string& last) { return base64_encode(last); }

}  // namespace mill::iam
