// SPDX-License-Identifier: Apache-2.0
// IAM, as far as stacks need it: roles as honest records (AWS::IAM::Role). No operation of its API
// yet.
//
// One row a role, "iam/role/<account>/<name>"; a created role is durable. Executor thread only.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "machine/machine.h"
#include "services/ports/resource_provider.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::iam {

struct Role {
    std::string name;
    std::string id;  // "AROA..."
    std::string arn;
    std::string path = "/";
    WallTime created;
    wire::Value assume_role_policy;
    wire::Value properties;  // as the template gave them: policies, boundary, description
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Role", member<&Role::name>("RoleName"), member<&Role::id>("RoleId"),
                               member<&Role::arn>("Arn"), member<&Role::path>("Path"),
                               member<&Role::created>("CreateDate"),
                               member<&Role::assume_role_policy>("AssumeRolePolicyDocument"),
                               member<&Role::properties>("Properties"));
    }
};

class Iam final : public ports::ResourceProvider {
  public:
    static Result<std::unique_ptr<Iam>> open(Machine& machine, storage::Engine& engine);
    ~Iam() override;

    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    // A new name or path needs a new role.
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

    Result<std::optional<Role>> find_role(const std::string& account, const std::string& name);

  private:
    Iam(Machine& machine, storage::Table& table) : machine_(machine), table_(table) {}

    Machine& machine_;
    storage::Table& table_;
};

std::span<const wire::Operation* const> operations();

}  // namespace mill::iam
