// SPDX-License-Identifier: Apache-2.0
// The life of managed policies and of roles' trust, for operations and stacks alike.
#pragma once

#include "services/iam/principals.h"

namespace mill::iam {

constexpr std::size_t versions_max = 5;

struct PolicyDraft {
    std::string name;
    Text path, description;
    std::string document;
    Tags tags;
};
// EntityAlreadyExists, MalformedPolicyDocument, LimitExceeded.
Result<ManagedPolicy> make_policy(Iam& iam, const std::string& account, PolicyDraft draft);
// LimitExceeded if there are as many versions as may be.
Result<PolicyVersion> add_version(const Iam& iam, ManagedPolicy& policy, std::string document,
                                  bool as_default);
// NoSuchEntity.
Result<const PolicyVersion*> version_of(const ManagedPolicy& policy, const std::string& id);
// What Millrace can tell of a policy that is AWS's own.
ManagedPolicy aws_policy(const std::string& arn);
// AWS's own or the account's. NoSuchEntity.
Result<ManagedPolicy> any_policy(const Iam& iam, const std::string& account,
                                 const std::string& arn);

struct RoleDraft {
    std::string name;
    Text path, description, boundary;
    std::string trust;
    std::optional<std::int64_t> max_session_seconds;
    Tags tags;
};
// EntityAlreadyExists, MalformedPolicyDocument, LimitExceeded. Its rows are in the commit.
Result<Role> make_role(Iam& iam, const std::string& account, RoleDraft draft,
                       storage::Table::Commit& commit);
Result<User> make_user(Iam& iam, const std::string& account, std::string name, const Text& path,
                       const Text& boundary, Tags tags, storage::Table::Commit& commit);
Result<Group> make_group(Iam& iam, const std::string& account, std::string name, const Text& path);
Result<InstanceProfile> make_profile(Iam& iam, const std::string& account, std::string name,
                                     const Text& path);
// DeleteConflict.
Result<void> remove_role(const Iam& iam, const std::string& account, const Role& role,
                         storage::Table::Commit& commit);
Result<void> remove_user(const Iam& iam, const std::string& account, const User& user,
                         storage::Table::Commit& commit);
Result<void> remove_group(const Iam& iam, const std::string& account, const Group& group,
                          storage::Table::Commit& commit);
// LimitExceeded. Being a member already changes nothing.
Result<void> join(const std::string& account, User& user, const Group& group,
                  storage::Table::Commit& commit);
void leave(const std::string& account, User& user, const std::string& group,
           storage::Table::Commit& commit);
// LimitExceeded: it has a role already.
Result<void> put_in_profile(const std::string& account, InstanceProfile& profile, const Role& role,
                            storage::Table::Commit& commit);
void take_from_profile(const std::string& account, InstanceProfile& profile,
                       storage::Table::Commit& commit);

struct NewKeyDescription {
    std::string user, id, status, secret;
    WallTime created;
    static constexpr auto shape() {
        using K = NewKeyDescription;
        return wire::structure(
            "AccessKey", wire::member<&K::user>("UserName"), wire::member<&K::id>("AccessKeyId"),
            wire::member<&K::status>("Status"), wire::member<&K::secret>("SecretAccessKey"),
            wire::member<&K::created>("CreateDate"));
    }
};
// A key for the user, with its rows in the commit. LimitExceeded.
Result<AccessKey> make_key(Iam& iam, const std::string& account, const std::string& user,
                           storage::Table::Commit& commit);
void put_key(const AccessKey& key, storage::Table::Commit& commit);
void remove_key(const AccessKey& key, storage::Table::Commit& commit);
// The user whom a request names, or else who asks. ValidationError: that is the root.
Result<std::string> user_meant(const Iam& iam, const Caller& caller, const Text& name);
// A key of that user. NoSuchEntity.
Result<AccessKey> key_meant(const Iam& iam, const Caller& caller, const Text& user,
                            const std::string& id);

std::string member_row(std::string_view account, std::string_view group, std::string_view user);
std::string key_of_user_row(std::string_view account, std::string_view user, std::string_view key);
std::string profile_of_row(std::string_view account, std::string_view role,
                           std::string_view profile);

}  // namespace mill::iam
