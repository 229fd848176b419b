// SPDX-License-Identifier: Apache-2.0
// ECR: repositories as honest records, with their policies and tags. There are no images: nothing
// answers a docker push, and functions are made of zip archives.
//
// One row a repository, "ecr/repository/<account>/<region>/<name>", durable when answered.
// Operations read, decide and begin their commit without suspending in between. Executor thread
// only. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/Welcome.html
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>

#include "machine/machine.h"
#include "services/ports/resource_provider.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::ecr {

using Text = std::optional<std::string>;
using Tags = std::map<std::string, std::string>;

struct Repository {
    std::string account, region, name;
    WallTime created;
    std::string tag_mutability = "MUTABLE";
    bool scans_on_push = false;
    std::string encryption = "AES256";
    Text kms_key, policy, lifecycle_policy;
    Tags tags;

    std::string arn() const {
        return "arn:aws:ecr:" + region + ":" + account + ":repository/" + name;
    }
    std::string uri() const { return account + ".dkr.ecr." + region + ".amazonaws.com/" + name; }
    static constexpr auto shape() {
        using R = Repository;
        using wire::member;
        return wire::structure(
            "Repository", member<&R::account>("account"), member<&R::region>("region"),
            member<&R::name>("name"), member<&R::created>("created"),
            member<&R::tag_mutability>("tag_mutability"),
            member<&R::scans_on_push>("scans_on_push"), member<&R::encryption>("encryption"),
            member<&R::kms_key>("kms_key"), member<&R::policy>("policy"),
            member<&R::lifecycle_policy>("lifecycle_policy"), member<&R::tags>("tags"));
    }
};

class Ecr final : public ports::ResourceProvider {
  public:
    static Result<std::unique_ptr<Ecr>> open(Machine& machine, storage::Engine& engine);
    wire::Service service();
    Machine& machine() { return machine_; }

    // Of the registry with that id, or the caller's. RepositoryNotFoundException.
    Result<Repository> need(const Caller& caller, const Text& registry,
                            const std::string& name) const;
    Result<Repository> need_by_arn(const std::string& arn) const;
    // In the order of their names, after the one of that name.
    Result<std::vector<Repository>> list(const Caller& caller, const Text& registry,
                                         const std::string& after, std::size_t limit) const;
    // RepositoryAlreadyExistsException.
    Task<Result<Repository>> add(Repository repository);
    Task<Result<void>> store(Repository repository);
    Task<Result<void>> drop(Repository repository);

    // ResourceProvider
    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    Ecr(Machine& machine, storage::Table& table) : machine_(machine), table_(table) {}

    Machine& machine_;
    storage::Table& table_;
};

std::span<const wire::Operation* const> operations();

}  // namespace mill::ecr
