// SPDX-License-Identifier: Apache-2.0
// What IAM keeps, as rows of the Table: "iam/<kind>/<account>/<name>". Members may be added, never
// renamed: older stores are read.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/shape.h"

namespace mill::iam {

using Tags = std::map<std::string, std::string>;
using InlinePolicies = std::map<std::string, std::string>;  // documents by name

// Who policies belong to: roles, users and groups. Operations that all three have are templates
// over these, told apart by the words here.
struct Role {
    static constexpr std::string_view kind = "role", title = "Role", name_member = "RoleName";
    static constexpr std::string_view id_prefix = "AROA", policies_quota = "PoliciesPerRole";
    static constexpr std::int64_t name_length_max = 64;
    static constexpr std::size_t inline_bytes_max = 10'240;

    std::string name;
    std::string id;  // "AROA..."
    std::string arn;
    std::string path = "/";
    WallTime created;
    wire::Value assume_role_policy;  // its text; rows of older stores hold the document
    std::optional<std::string> description;
    std::int64_t max_session_seconds = 3600;
    std::optional<std::string> boundary;  // the ARN of a policy
    InlinePolicies policies;
    std::vector<std::string> attached;  // ARNs of managed policies
    Tags tags;

    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Role", member<&Role::name>("RoleName"), member<&Role::id>("RoleId"),
                               member<&Role::arn>("Arn"), member<&Role::path>("Path"),
                               member<&Role::created>("CreateDate"),
                               member<&Role::assume_role_policy>("AssumeRolePolicyDocument"),
                               member<&Role::description>("Description"),
                               member<&Role::max_session_seconds>("MaxSessionDuration"),
                               member<&Role::boundary>("PermissionsBoundary"),
                               member<&Role::policies>("Policies"),
                               member<&Role::attached>("Attached"), member<&Role::tags>("Tags"));
    }
};

struct User {
    static constexpr std::string_view kind = "user", title = "User", name_member = "UserName";
    static constexpr std::string_view id_prefix = "AIDA", policies_quota = "PoliciesPerUser";
    static constexpr std::int64_t name_length_max = 128;  // 64 of new ones
    static constexpr std::size_t inline_bytes_max = 2'048;

    std::string name, id, arn;
    std::string path = "/";
    WallTime created;
    std::optional<std::string> boundary;
    InlinePolicies policies;
    std::vector<std::string> attached;
    Tags tags;
    std::vector<std::string> groups;  // in the order of joining

    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "User", member<&User::name>("UserName"), member<&User::id>("UserId"),
            member<&User::arn>("Arn"), member<&User::path>("Path"),
            member<&User::created>("CreateDate"), member<&User::boundary>("PermissionsBoundary"),
            member<&User::policies>("Policies"), member<&User::attached>("Attached"),
            member<&User::tags>("Tags"), member<&User::groups>("Groups"));
    }
};

struct Group {
    static constexpr std::string_view kind = "group", title = "Group", name_member = "GroupName";
    static constexpr std::string_view id_prefix = "AGPA", policies_quota = "PoliciesPerGroup";
    static constexpr std::int64_t name_length_max = 128;
    static constexpr std::size_t inline_bytes_max = 5'120;

    std::string name, id, arn;
    std::string path = "/";
    WallTime created;
    InlinePolicies policies;
    std::vector<std::string> attached;

    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Group", member<&Group::name>("GroupName"),
                               member<&Group::id>("GroupId"), member<&Group::arn>("Arn"),
                               member<&Group::path>("Path"), member<&Group::created>("CreateDate"),
                               member<&Group::policies>("Policies"),
                               member<&Group::attached>("Attached"));
    }
};

struct PolicyVersion {
    std::string id;  // "v3"
    std::string document;
    WallTime created;

    static constexpr auto shape() {
        using V = PolicyVersion;
        return wire::structure("PolicyVersion", wire::member<&V::id>("VersionId"),
                               wire::member<&V::document>("Document"),
                               wire::member<&V::created>("CreateDate"));
    }
};

// A policy that the account manages itself. AWS's own have no row.
struct ManagedPolicy {
    static constexpr std::string_view kind = "policy", id_prefix = "ANPA";

    std::string name, id, arn;
    std::string path = "/";
    std::optional<std::string> description;
    WallTime created, updated;
    std::vector<PolicyVersion> versions;  // oldest first; never empty
    std::string default_version;
    std::int64_t next_version = 2;
    Tags tags;

    static constexpr auto shape() {
        using P = ManagedPolicy;
        using wire::member;
        return wire::structure("Policy", member<&P::name>("PolicyName"), member<&P::id>("PolicyId"),
                               member<&P::arn>("Arn"), member<&P::path>("Path"),
                               member<&P::description>("Description"),
                               member<&P::created>("CreateDate"), member<&P::updated>("UpdateDate"),
                               member<&P::versions>("Versions"),
                               member<&P::default_version>("DefaultVersionId"),
                               member<&P::next_version>("NextVersion"), member<&P::tags>("Tags"));
    }
};

struct InstanceProfile {
    static constexpr std::string_view kind = "profile", id_prefix = "AIPA";

    std::string name, id, arn;
    std::string path = "/";
    WallTime created;
    std::optional<std::string> role;  // its name
    Tags tags;

    static constexpr auto shape() {
        using P = InstanceProfile;
        using wire::member;
        return wire::structure("InstanceProfile", member<&P::name>("InstanceProfileName"),
                               member<&P::id>("InstanceProfileId"), member<&P::arn>("Arn"),
                               member<&P::path>("Path"), member<&P::created>("CreateDate"),
                               member<&P::role>("Role"), member<&P::tags>("Tags"));
    }
};

// Found by its id alone, as requests name it: "iam/key/<id>".
struct AccessKey {
    std::string id;  // "AKIA..."
    std::string secret;
    std::string account;
    std::string user;
    std::string status = "Active";
    WallTime created;

    static constexpr auto shape() {
        using K = AccessKey;
        using wire::member;
        return wire::structure("AccessKey", member<&K::id>("AccessKeyId"),
                               member<&K::secret>("SecretAccessKey"),
                               member<&K::account>("Account"), member<&K::user>("UserName"),
                               member<&K::status>("Status"), member<&K::created>("CreateDate"));
    }
};

}  // namespace mill::iam
