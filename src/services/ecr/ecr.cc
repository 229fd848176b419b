// SPDX-License-Identifier: Apache-2.0
#include "services/ecr/ecr.h"

#include <fmt/format.h>

#include "model/arn.h"

namespace mill::ecr {
namespace {

std::string prefix_of(const std::string& account, const std::string& region) {
    return fmt::format("ecr/repository/{}/{}/", account, region);
}
std::string row_of(const Repository& repository) {
    return prefix_of(repository.account, repository.region) + repository.name;
}

}  // namespace

Result<std::unique_ptr<Ecr>> Ecr::open(Machine& machine, storage::Engine& engine) {
    return std::unique_ptr<Ecr>(new Ecr(machine, *engine.table));
}

wire::Service Ecr::service() {
    return {.signing_name = "ecr",
            .target_prefix = "AmazonEC2ContainerRegistry_V20150921",
            .protocol = wire::Protocol::aws_json,
            .json_version = "1.1",
            .api_version = "2015-09-21",
            .xml_namespace = {},
            .operations = operations(),
            .instance = this};
}

Result<Repository> Ecr::need(const Caller& caller, const Text& registry,
                             const std::string& name) const {
    const std::string account = registry.value_or(caller.account);
    MILL_TRY(const auto row, table_.get(prefix_of(account, caller.region) + name));
    if (row) return wire::from_json<Repository>(*row);
    return fail("RepositoryNotFoundException",
                fmt::format("The repository with name '{}' does not exist in the registry with id "
                            "'{}'",
                            name, account),
                400);
}

Result<Repository> Ecr::need_by_arn(const std::string& arn) const {
    const auto parsed = model::parse_arn(arn);
    constexpr std::string_view start = "repository/";
    if (!parsed || parsed->service != "ecr" || !parsed->resource.starts_with(start)) {
        return fail("InvalidParameterException",
                    "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid "
                    "ARN'",
                    400);
    }
    return need({.account = parsed->account, .region = parsed->region}, std::nullopt,
                parsed->resource.substr(start.size()));
}

Result<std::vector<Repository>> Ecr::list(const Caller& caller, const Text& registry,
                                          const std::string& after, std::size_t limit) const {
    const std::string prefix = prefix_of(registry.value_or(caller.account), caller.region);
    MILL_TRY(const auto rows, table_.scan(prefix, prefix + after, limit));
    std::vector<Repository> found;
    for (const auto& row : rows) {
        MILL_TRY(Repository repository, wire::from_json<Repository>(row.value));
        found.push_back(std::move(repository));
    }
    return found;
}

Task<Result<Repository>> Ecr::add(Repository repository) {
    repository.created = machine_.clock.wall();
    MILL_CO_TRY(const auto known, table_.get(row_of(repository)));
    if (known) {
        co_return fail("RepositoryAlreadyExistsException",
                       fmt::format("The repository with name '{}' already exists in the registry "
                                   "with id '{}'",
                                   repository.name, repository.account),
                       400);
    }
    MILL_CO_CHECK(co_await store(repository));
    co_return repository;
}

Task<Result<void>> Ecr::store(Repository repository) {
    storage::Table::Commit commit;
    commit.puts = {{row_of(repository), wire::to_json(repository)}};
    co_return co_await table_.commit(std::move(commit));
}

Task<Result<void>> Ecr::drop(Repository repository) {
    storage::Table::Commit commit;
    commit.erases = {row_of(repository)};
    co_return co_await table_.commit(std::move(commit));
}

}  // namespace mill::ecr
