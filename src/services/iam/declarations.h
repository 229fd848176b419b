// SPDX-License-Identifier: Apache-2.0
// Shapes that IAM's operations share: members of inputs with their constraints, entities as answers
// describe them, pages.
#pragma once

#include <algorithm>
#include <functional>

#include "services/iam/iam.h"
#include "services/iam/rules.h"

namespace mill::iam {

using Text = std::optional<std::string>;

constexpr std::string_view name_pattern = R"([\w+=,.@-]+)";

template <auto Pointer>
constexpr wire::Member name_member(std::string_view name, std::int64_t length_max = 128) {
    return wire::member<Pointer>(name).length(1, length_max).pattern(name_pattern);
}
template <auto Pointer>
constexpr wire::Member path_member(std::string_view name = "Path") {
    return wire::member<Pointer>(name).length(1, 512).pattern(
        R"((\u002F)|(\u002F[\u0021-\u007E]+\u002F))");
}
template <auto Pointer>
constexpr wire::Member policy_path_member(std::string_view name) {
    return wire::member<Pointer>(name).length(1, 512).pattern(R"(((/[A-Za-z0-9\.,\+@=_-]+)*)/)");
}
template <auto Pointer>
constexpr wire::Member path_prefix_member() {
    return wire::member<Pointer>("PathPrefix").length(1, 512).pattern(R"(\u002F[\u0021-\u007F]*)");
}
template <auto Pointer>
constexpr wire::Member arn_member(std::string_view name = "PolicyArn") {
    return wire::member<Pointer>(name).length(20, 2048);
}
template <auto Pointer>
constexpr wire::Member document_member(std::string_view name = "PolicyDocument") {
    return wire::member<Pointer>(name)
        .required()
        .length(1, 131'072)
        .pattern(R"([\u0009\u000A\u000D\u0020-\u00FF]+)");
}
template <auto Pointer>
constexpr wire::Member role_description_member() {
    return wire::member<Pointer>("Description")
        .length(0, 1000)
        .pattern(R"([\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*)");
}
template <auto Pointer>
constexpr wire::Member max_session_member() {
    return wire::member<Pointer>("MaxSessionDuration").range(3600, 43'200);
}
template <auto Pointer>
constexpr wire::Member version_member() {
    return wire::member<Pointer>("VersionId")
        .required()
        .pattern(R"(v[1-9][0-9]*(\.[A-Za-z0-9-]*)?)");
}
inline constexpr std::string_view key_statuses[] = {"Active", "Inactive", "Expired"};
template <auto Pointer>
constexpr wire::Member key_id_member() {
    return wire::member<Pointer>("AccessKeyId").required().length(16, 128).pattern(R"([\w]+)");
}
template <auto Pointer>
constexpr wire::Member marker_member() {
    return wire::member<Pointer>("Marker").length(1, 320).pattern(R"([\u0020-\u00FF]+)");
}
template <auto Pointer>
constexpr wire::Member max_items_member() {
    return wire::member<Pointer>("MaxItems").range(1, 1000);
}

struct Tag {
    Text key, value;
    static constexpr auto shape() {
        return wire::structure("Tag",
                               wire::member<&Tag::key>("Key").required().length(1, 128).pattern(
                                   R"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)"),
                               wire::member<&Tag::value>("Value").required().length(0, 256).pattern(
                                   R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"));
    }
};
using TagList = std::vector<Tag>;
template <auto Pointer>
constexpr wire::Member tags_member() {
    return wire::member<Pointer>("Tags").length(0, 50);
}
// InvalidInput: a key twice.
Result<Tags> tags_of(const std::optional<TagList>& list);
TagList tag_list(const Tags& tags);

// What an answer tells of an entity. `whole`: of one that was asked for by name; lists tell less.
struct BoundaryDescription {
    std::string type = "Policy", arn;
    static constexpr auto shape() {
        using B = BoundaryDescription;
        return wire::structure("AttachedPermissionsBoundary",
                               wire::member<&B::type>("PermissionsBoundaryType"),
                               wire::member<&B::arn>("PermissionsBoundaryArn"));
    }
};
struct RoleLastUsed {  // nobody asks roles for anything
    std::optional<WallTime> date;
    Text region;
    static constexpr auto shape() {
        return wire::structure("RoleLastUsed", wire::member<&RoleLastUsed::date>("LastUsedDate"),
                               wire::member<&RoleLastUsed::region>("Region"));
    }
};
struct RoleDescription {
    std::string path, name, id, arn;
    WallTime created;
    std::string assume_role_policy;
    Text description;
    std::optional<std::int64_t> max_session_seconds;
    std::optional<BoundaryDescription> boundary;
    std::optional<TagList> tags;
    std::optional<RoleLastUsed> last_used;
    static constexpr auto shape() {
        using R = RoleDescription;
        using wire::member;
        return wire::structure("Role", member<&R::path>("Path"), member<&R::name>("RoleName"),
                               member<&R::id>("RoleId"), member<&R::arn>("Arn"),
                               member<&R::created>("CreateDate"),
                               member<&R::assume_role_policy>("AssumeRolePolicyDocument"),
                               member<&R::description>("Description"),
                               member<&R::max_session_seconds>("MaxSessionDuration"),
                               member<&R::boundary>("PermissionsBoundary"),
                               member<&R::tags>("Tags"), member<&R::last_used>("RoleLastUsed"));
    }
};
struct UserDescription {
    std::string path, name, id, arn;
    WallTime created;
    std::optional<BoundaryDescription> boundary;
    std::optional<TagList> tags;
    static constexpr auto shape() {
        using U = UserDescription;
        using wire::member;
        return wire::structure(
            "User", member<&U::path>("Path"), member<&U::name>("UserName"),
            member<&U::id>("UserId"), member<&U::arn>("Arn"), member<&U::created>("CreateDate"),
            member<&U::boundary>("PermissionsBoundary"), member<&U::tags>("Tags"));
    }
};
struct GroupDescription {
    std::string path, name, id, arn;
    WallTime created;
    static constexpr auto shape() {
        using G = GroupDescription;
        using wire::member;
        return wire::structure("Group", member<&G::path>("Path"), member<&G::name>("GroupName"),
                               member<&G::id>("GroupId"), member<&G::arn>("Arn"),
                               member<&G::created>("CreateDate"));
    }
};
struct ProfileDescription {
    std::string path, name, id, arn;
    WallTime created;
    std::vector<RoleDescription> roles;
    std::optional<TagList> tags;
    static constexpr auto shape() {
        using P = ProfileDescription;
        using wire::member;
        return wire::structure("InstanceProfile", member<&P::path>("Path"),
                               member<&P::name>("InstanceProfileName"),
                               member<&P::id>("InstanceProfileId"), member<&P::arn>("Arn"),
                               member<&P::created>("CreateDate"), member<&P::roles>("Roles"),
                               member<&P::tags>("Tags"));
    }
};
struct PolicyDescription {
    std::string name, id, arn, path, default_version;
    std::int64_t attachments = 0, boundary_uses = 0;
    bool is_attachable = true;
    Text description;
    std::optional<WallTime> created, updated;
    std::optional<TagList> tags;
    static constexpr auto shape() {
        using P = PolicyDescription;
        using wire::member;
        return wire::structure("Policy", member<&P::name>("PolicyName"), member<&P::id>("PolicyId"),
                               member<&P::arn>("Arn"), member<&P::path>("Path"),
                               member<&P::default_version>("DefaultVersionId"),
                               member<&P::attachments>("AttachmentCount"),
                               member<&P::boundary_uses>("PermissionsBoundaryUsageCount"),
                               member<&P::is_attachable>("IsAttachable"),
                               member<&P::description>("Description"),
                               member<&P::created>("CreateDate"), member<&P::updated>("UpdateDate"),
                               member<&P::tags>("Tags"));
    }
};
struct VersionDescription {
    Text document;
    std::string id;
    bool is_default = false;
    WallTime created;
    static constexpr auto shape() {
        using V = VersionDescription;
        using wire::member;
        return wire::structure(
            "PolicyVersion", member<&V::document>("Document"), member<&V::id>("VersionId"),
            member<&V::is_default>("IsDefaultVersion"), member<&V::created>("CreateDate"));
    }
};
RoleDescription describe(const Role& role, bool whole);
UserDescription describe(const User& user, bool whole);
GroupDescription describe(const Group& group, bool whole);
VersionDescription describe(const ManagedPolicy& policy, const PolicyVersion& version, bool whole);
Result<PolicyDescription> describe(const Iam& iam, const std::string& account,
                                   const ManagedPolicy& policy, bool whole);
Result<ProfileDescription> describe(const Iam& iam, const std::string& account,
                                    const InstanceProfile& profile, bool whole);

// A page of a list whose items have texts to go on after. The marker is the last of them.
constexpr std::size_t page_default = 100;
struct PageRequest {
    std::string after;
    std::size_t items_max = page_default;
};
// ValidationError: a marker that no answer gave.
Result<PageRequest> page_request(const Text& marker, std::optional<std::int64_t> items_max);
std::string marker_after(const std::string& last);
// What follows of texts in their order; those that do not fit leave a marker.
template <class Item, class NameOf>
std::vector<Item> cut_page(std::vector<Item> all, const PageRequest& page, NameOf name_of,
                           bool* is_truncated, Text* marker) {
    std::erase_if(all, [&](const Item& item) {
        return !page.after.empty() && std::invoke(name_of, item) <= page.after;
    });
    std::ranges::sort(all, {}, name_of);
    *is_truncated = all.size() > page.items_max;
    if (*is_truncated) {
        all.resize(page.items_max);
        *marker = marker_after(std::invoke(name_of, all.back()));
    }
    return all;
}

// A page of rows of one kind, those whose path begins with the prefix.
template <class Row>
struct RowPage {
    std::vector<Row> rows;
    bool is_truncated = false;
    Text marker;
};
template <class Row>
Result<RowPage<Row>> page_of_rows(const Iam& iam, const std::string& account,
                                  const Text& path_prefix, const PageRequest& page) {
    RowPage<Row> found;
    for (std::string after = page.after;;) {
        MILL_TRY(auto rows, iam.rows<Row>(account, after, page.items_max + 1));
        if (rows.empty()) return found;
        after = rows.back().name;
        for (Row& row : rows) {
            if (path_prefix && !row.path.starts_with(*path_prefix)) continue;
            if (found.rows.size() == page.items_max) {
                found.is_truncated = true;
                found.marker = marker_after(found.rows.back().name);
                return found;
            }
            found.rows.push_back(std::move(row));
        }
    }
}

// Made anew: the parts that all entities have.
template <class Row>
Row new_row(Iam& iam, const std::string& account, std::string_view resource, std::string name,
            const Text& path) {
    Row row;
    row.path = path.value_or("/");
    row.id = iam.new_id(Row::id_prefix);
    row.arn = arn_of(account, std::string(resource) + row.path + name);
    row.name = std::move(name);
    row.created = iam.now();
    return row;
}

}  // namespace mill::iam
