// SPDX-License-Identifier: Apache-2.0
#include "services/iam/iam.h"

#include <fmt/format.h>

#include "model/arn.h"
#include "services/iam/rules.h"

namespace mill::iam {
namespace {

constexpr std::size_t id_characters = 17;   // after AROA
constexpr std::size_t key_characters = 16;  // after AKIA
constexpr std::size_t secret_bytes = 30;    // 40 characters

std::string missing(const Role*, const std::string& name) {
    return fmt::format("The role with name {} cannot be found.", name);
}
std::string missing(const User*, const std::string& name) {
    return fmt::format("The user with name {} cannot be found.", name);
}
std::string missing(const Group*, const std::string& name) {
    return fmt::format("The group with name {} cannot be found.", name);
}
std::string missing(const InstanceProfile*, const std::string& name) {
    return fmt::format("Instance Profile {} cannot be found.", name);
}

}  // namespace

Iam::~Iam() = default;

Result<std::unique_ptr<Iam>> Iam::open(Machine& machine, storage::Engine& engine) {
    return std::unique_ptr<Iam>(new Iam(machine, *engine.table));
}

wire::Service Iam::service() {
    return {.signing_name = "iam",
            .target_prefix = {},
            .protocol = wire::Protocol::query,
            .json_version = {},
            .api_version = "2010-05-08",
            .xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
            .operations = operations(),
            .instance = this};
}

Result<ports::Identity> Iam::identity_of(const Caller& caller) const {
    MILL_TRY(const auto key, read<AccessKey>("iam/key/" + caller.access_key));
    if (key && key->account == caller.account) {
        MILL_TRY(const auto user, find<User>(key->account, key->user));
        if (user) return ports::Identity{key->account, user->arn, user->id, user->name};
    }
    return ports::Identity{caller.account, arn_of(caller.account, "root"), caller.account,
                           std::nullopt};
}

Result<std::optional<ports::RoleIdentity>> Iam::role(const std::string& arn) const {
    const auto parsed = model::parse_arn(arn);
    if (!parsed) return std::optional<ports::RoleIdentity>();
    MILL_TRY(const auto found, find<Role>(parsed->account, arn.substr(arn.rfind('/') + 1)));
    if (!found || found->arn != arn) return std::optional<ports::RoleIdentity>();
    return std::optional<ports::RoleIdentity>(
        ports::RoleIdentity{found->id, found->name, found->max_session_seconds});
}

template <class Row>
Result<Row> Iam::need(const std::string& account, const std::string& name) const {
    MILL_TRY(auto row, find<Row>(account, name));
    if (!row) return no_such_entity(missing(static_cast<const Row*>(nullptr), name));
    return *std::move(row);
}
template Result<Role> Iam::need(const std::string&, const std::string&) const;
template Result<User> Iam::need(const std::string&, const std::string&) const;
template Result<Group> Iam::need(const std::string&, const std::string&) const;
template Result<InstanceProfile> Iam::need(const std::string&, const std::string&) const;

Result<ManagedPolicy> Iam::need_policy(const std::string& account, const std::string& arn) const {
    MILL_TRY(auto policy, find<ManagedPolicy>(account, arn.substr(arn.rfind('/') + 1)));
    if (policy && policy->arn == arn) return *std::move(policy);
    return no_such_entity(fmt::format("Policy {} was not found.", arn));
}

Result<AccessKey> Iam::need_key(const std::string& account, const std::string& id) const {
    MILL_TRY(auto key, read<AccessKey>("iam/key/" + id));
    if (key && key->account == account) return *std::move(key);
    return no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
}

Result<std::vector<std::string>> Iam::names(const std::string& prefix, const std::string& after,
                                            std::size_t limit) const {
    MILL_TRY(const auto rows, table_.scan(prefix, prefix + after, limit));
    std::vector<std::string> all;
    for (const auto& row : rows) all.push_back(row.key.substr(prefix.size()));
    return all;
}

Result<bool> Iam::is_any(const std::string& prefix) const {
    MILL_TRY(const auto first, table_.scan(prefix, {}, 1));
    return !first.empty();
}

std::string Iam::new_id(std::string_view prefix) {
    return std::string(prefix) + machine::random_base32(machine_.entropy, id_characters);
}

AccessKey Iam::new_key(const std::string& account, const std::string& user) {
    return {.id = "AKIA" + machine::random_base32(machine_.entropy, key_characters),
            .secret = machine::random_base64(machine_.entropy, secret_bytes),
            .account = account,
            .user = user,
            .created = now()};
}

}  // namespace mill::iam
