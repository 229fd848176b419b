// SPDX-License-Identifier: Apache-2.0
// IAM: roles, users, groups, policies, instance profiles and access keys, as honest records. Nobody
// is kept out by them: every caller of a local server may do everything.
//
// Rows of the Table (entities.h) and, for what must be found the other way round, rows without
// content:
//   iam/attachment/<account>/<policy ARN> <use>/<kind>/<name>  (use: policy, boundary)
//   iam/member/<account>/<group>/<user>                        iam/key-of/<account>/<user>/<key>
//   iam/profile-of/<account>/<role>/<profile>
// An entity and its rows change in one commit, durable when answered. Operations read, decide and
// begin their commit without suspending in between, so no two of them can cross. Executor thread
// only.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "machine/machine.h"
#include "services/iam/entities.h"
#include "services/ports/identities.h"
#include "services/ports/resource_provider.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::iam {

class Iam final : public ports::ResourceProvider, public ports::Identities {
  public:
    static Result<std::unique_ptr<Iam>> open(Machine& machine, storage::Engine& engine);
    ~Iam() override;
    wire::Service service();

    template <class Row>
    static std::string prefix_of(const std::string& account) {
        return "iam/" + std::string(Row::kind) + "/" + account + "/";
    }
    template <class Row>
    Result<std::optional<Row>> find(const std::string& account, const std::string& name) const {
        return read<Row>(prefix_of<Row>(account) + name);
    }
    // NoSuchEntity.
    template <class Row>
    Result<Row> need(const std::string& account, const std::string& name) const;
    // By the ARN of a policy that the account manages. NoSuchEntity.
    Result<ManagedPolicy> need_policy(const std::string& account, const std::string& arn) const;
    Result<AccessKey> need_key(const std::string& account, const std::string& id) const;
    template <class Row>
    Result<std::optional<Row>> read(const std::string& key) const {
        MILL_TRY(const auto row, table_.get(key));
        if (!row) return std::optional<Row>();
        MILL_TRY(Row entity, wire::from_json<Row>(*row));
        return std::optional<Row>(std::move(entity));
    }
    // Names at the ends of keys that begin with `prefix`, after the one of that name; 0 is all.
    Result<std::vector<std::string>> names(const std::string& prefix, const std::string& after = {},
                                           std::size_t limit = 0) const;
    Result<bool> is_any(const std::string& prefix) const;
    // Entities that begin a new page after the one of that name.
    template <class Row>
    Result<std::vector<Row>> rows(const std::string& account, const std::string& after,
                                  std::size_t limit) const;

    Task<Result<void>> commit(storage::Table::Commit commit) {
        return table_.commit(std::move(commit));
    }
    WallTime now() const { return machine_.clock.wall(); }
    // "AROA" and 17 more characters.
    std::string new_id(std::string_view prefix);
    AccessKey new_key(const std::string& account, const std::string& user);

    // Identities
    Result<ports::Identity> identity_of(const Caller& caller) const override;
    Result<std::optional<ports::RoleIdentity>> role(const std::string& arn) const override;

    // ResourceProvider
    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    Iam(Machine& machine, storage::Table& table) : machine_(machine), table_(table) {}

    Machine& machine_;
    storage::Table& table_;
};

std::span<const wire::Operation* const> operations();

template <class Row>
Result<std::vector<Row>> Iam::rows(const std::string& account, const std::string& after,
                                   std::size_t limit) const {
    const std::string prefix = prefix_of<Row>(account);
    MILL_TRY(const auto found, table_.scan(prefix, prefix + after, limit));
    std::vector<Row> all;
    for (const auto& entry : found) {
        MILL_TRY(Row row, wire::from_json<Row>(entry.value));
        all.push_back(std::move(row));
    }
    return all;
}

}  // namespace mill::iam
