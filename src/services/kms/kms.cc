// SPDX-License-Identifier: Apache-2.0
#include "services/kms/kms.h"

#include <fmt/format.h>

#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

std::string prefix_of(std::string_view kind, const Caller& caller) {
    return fmt::format("kms/{}/{}/{}/", kind, caller.account, caller.region);
}
std::string row_of(const Key& key) {
    return fmt::format("kms/key/{}/{}/{}", key.account, key.region, key.id);
}
std::string row_of(const Alias& alias) {
    return fmt::format("kms/alias/{}/{}/{}", alias.account, alias.region, alias.name);
}
// Of the key that the alias names.
std::string key_row_of(const Alias& alias) {
    return fmt::format("kms/key/{}/{}/{}", alias.account, alias.region, alias.key_id);
}

// How many keys that are gone go with one that is made.
constexpr std::size_t due_max = 100;

Failure not_found(std::string message) {
    return fail("NotFoundException", std::move(message), 400);
}

// What follows the account in an ARN of KMS; other texts as they are.
std::string name_in(const std::string& text) {
    if (!text.starts_with("arn:")) return text;
    const std::size_t key = text.rfind(":key/");
    if (key != text.npos) return text.substr(key + std::string_view(":key/").size());
    const std::size_t alias = text.rfind(":alias/");
    return alias == text.npos ? text : text.substr(alias + 1);
}

std::string default_policy(const std::string& account) {
    return fmt::format(R"({{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":)"
                       R"("Enable IAM User Permissions","Effect":"Allow","Principal":{{"AWS":)"
                       R"("arn:aws:iam::{}:root"}},"Action":"kms:*","Resource":"*"}}]}})",
                       account);
}

template <class Row>
Result<std::vector<Row>> rows_of(storage::Table& table, const std::string& prefix,
                                 const std::string& after, std::size_t limit) {
    MILL_TRY(const auto rows, table.scan(prefix, prefix + after, limit));
    std::vector<Row> found;
    for (const auto& row : rows) {
        MILL_TRY(Row one, wire::from_json<Row>(row.value));
        found.push_back(std::move(one));
    }
    return found;
}

}  // namespace

Result<std::unique_ptr<Kms>> Kms::open(Machine& machine, storage::Engine& engine) {
    std::unique_ptr<Kms> kms(new Kms(machine, *engine.table));
    MILL_CHECK(kms->load());
    return kms;
}

Result<void> Kms::load() {
    MILL_TRY(const auto keys, rows_of<Key>(table_, "kms/key/", "", 0));
    for (const Key& key : keys) index_.set_deletion(row_of(key), key.deletion);
    MILL_TRY(const auto aliases, rows_of<Alias>(table_, "kms/alias/", "", 0));
    for (const Alias& alias : aliases) index_.add_alias(key_row_of(alias), row_of(alias));
    return {};
}

wire::Service Kms::service() {
    return {.signing_name = "kms",
            .target_prefix = "TrentService",
            .protocol = wire::Protocol::aws_json,
            .json_version = "1.1",
            .api_version = "2014-11-01",
            .xml_namespace = {},
            .operations = operations(),
            .instance = this};
}

Result<std::optional<Alias>> Kms::find_alias(const Caller& caller, const std::string& name) const {
    MILL_TRY(const auto row, table_.get(prefix_of("alias", caller) + name));
    if (!row) return std::optional<Alias>();
    MILL_TRY(Alias alias, wire::from_json<Alias>(*row));
    return std::optional<Alias>(std::move(alias));
}

Result<Key> Kms::need(const Caller& caller, const std::string& text, bool or_alias) const {
    std::string id = name_in(text);
    if (or_alias && id.starts_with("alias/")) {
        MILL_TRY(const auto alias, find_alias(caller, id));
        if (!alias) {
            return not_found(fmt::format("Alias arn:aws:kms:{}:{}:{} is not found.", caller.region,
                                         caller.account, id));
        }
        id = alias->key_id;
    }
    MILL_TRY(const auto row, table_.get(prefix_of("key", caller) + id));
    if (row) {
        MILL_TRY(Key key, wire::from_json<Key>(*row));
        if (!key.deletion || *key.deletion > now()) return key;
    }
    return not_found(fmt::format("Key 'arn:aws:kms:{}:{}:key/{}' does not exist", caller.region,
                                 caller.account, id));
}

Result<void> Kms::check_key(const Caller& caller, const std::string& arn) const {
    MILL_TRY(const Key named, need(caller, arn, true));
    MILL_TRY(const Key key, need_living(caller, named.arn()));
    if (key.is_enabled) return {};
    return fail("DisabledException", key.arn() + " is disabled.", 400);
}

Result<Key> Kms::need_living(const Caller& caller, const std::string& text) const {
    MILL_TRY(Key key, need(caller, text));
    if (!key.deletion) return key;
    return fail("KMSInvalidStateException", fmt::format("{} is pending deletion.", key.arn()), 400);
}

Result<std::vector<Key>> Kms::keys(const Caller& caller, const std::string& after,
                                   std::size_t limit) const {
    std::vector<Key> found;
    for (std::string last = after; found.size() < limit;) {
        MILL_TRY(auto rows,
                 rows_of<Key>(table_, prefix_of("key", caller), last, limit - found.size()));
        if (rows.empty()) break;
        last = rows.back().id;
        for (Key& key : rows) {
            if (!key.deletion || *key.deletion > now()) found.push_back(std::move(key));
        }
    }
    return found;
}

Result<std::vector<Alias>> Kms::aliases(const Caller& caller, const std::string& after,
                                        std::size_t limit) const {
    return rows_of<Alias>(table_, prefix_of("alias", caller), after, limit);
}

Result<std::vector<Alias>> Kms::aliases_of(const Key& key, const std::string& after,
                                           std::size_t limit) const {
    const Alias last{.account = key.account, .region = key.region, .name = after};
    std::vector<Alias> found;
    for (const std::string& name : index_.aliases_of(row_of(key), row_of(last), limit)) {
        MILL_TRY(const auto row, table_.get(name));
        if (!row) continue;  // on its way out
        MILL_TRY(Alias alias, wire::from_json<Alias>(*row));
        if (alias.key_id == key.id) found.push_back(std::move(alias));
    }
    return found;
}

Task<Result<Key>> Kms::add(Caller caller, KeyDraft draft) {
    Key key{.account = caller.account,
            .region = caller.region,
            .id = machine::uuid_v4(machine_.entropy),
            .created = now(),
            .description = draft.description.value_or(""),
            .policy = draft.policy.value_or(default_policy(caller.account)),
            .usage = draft.usage.value_or("ENCRYPT_DECRYPT"),
            .spec = draft.spec.value_or("SYMMETRIC_DEFAULT"),
            .is_enabled = draft.is_enabled,
            .rotation_days = draft.rotation_days,
            .tags = std::move(draft.tags)};
    MILL_CO_CHECK(kms::check_key(key));
    // Keys whose waiting time has passed go with the next one that is made.
    storage::Table::Commit commit;
    const auto gone = index_.due(now(), due_max);
    for (const std::string& old : gone) {
        commit.erases.push_back(old);
        for (std::string& alias : index_.aliases_of(old, "", 0))
            commit.erases.push_back(std::move(alias));
    }
    commit.puts = {{row_of(key), wire::to_json(key)}};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    for (const std::string& old : gone) index_.forget(old);
    co_return key;
}

// A key that is to stay is taken out of those that are due before its row says so: else it could go
// meanwhile.
Task<Result<void>> Kms::store(Key key) {
    const std::string row = row_of(key);
    storage::Table::Commit commit;
    commit.puts = {{row, wire::to_json(key)}};
    const auto before = index_.set_deletion(row, std::nullopt);
    auto stored = co_await table_.commit(std::move(commit));
    index_.set_deletion(row, stored ? key.deletion : before);
    co_return stored;
}

Task<Result<void>> Kms::add_alias(Caller caller, std::string name, std::string key) {
    MILL_CO_CHECK(check_alias_name(name));
    MILL_CO_TRY(const auto known, find_alias(caller, name));
    if (known) {
        co_return fail("AlreadyExistsException",
                       fmt::format("An alias with the name {} already exists", known->arn()), 400);
    }
    MILL_CO_TRY(const Key target, need_living(caller, key));
    const Alias alias{.account = caller.account,
                      .region = caller.region,
                      .name = std::move(name),
                      .key_id = target.id,
                      .created = now(),
                      .updated = now()};
    storage::Table::Commit commit;
    commit.puts = {{row_of(alias), wire::to_json(alias)}};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    index_.add_alias(key_row_of(alias), row_of(alias));
    co_return Result<void>();
}

Task<Result<void>> Kms::move_alias(Caller caller, std::string name, std::string key) {
    MILL_CO_CHECK(check_alias_name(name));
    MILL_CO_TRY(auto alias, find_alias(caller, name));
    if (!alias) {
        co_return not_found(fmt::format("Alias arn:aws:kms:{}:{}:{} is not found.", caller.region,
                                        caller.account, name));
    }
    MILL_CO_TRY(const Key target, need_living(caller, key));
    const std::string before = key_row_of(*alias);
    alias->key_id = target.id;
    alias->updated = now();
    storage::Table::Commit commit;
    commit.puts = {{row_of(*alias), wire::to_json(*alias)}};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    index_.drop_alias(before, row_of(*alias));
    index_.add_alias(key_row_of(*alias), row_of(*alias));
    co_return Result<void>();
}

Task<Result<void>> Kms::drop_alias(Caller caller, std::string name) {
    MILL_CO_TRY(const auto alias, find_alias(caller, name));
    if (!alias) {
        co_return not_found(fmt::format("Alias arn:aws:kms:{}:{}:{} is not found.", caller.region,
                                        caller.account, name));
    }
    storage::Table::Commit commit;
    commit.erases = {row_of(*alias)};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    index_.drop_alias(key_row_of(*alias), row_of(*alias));
    co_return Result<void>();
}

}  // namespace mill::kms
