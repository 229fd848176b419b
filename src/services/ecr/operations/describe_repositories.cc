// SPDX-License-Identifier: Apache-2.0
// DescribeRepositories: the repositories of those names, or all, in pages.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

constexpr std::int64_t page_default = 100, page_max = 1000;

struct DescribeRepositoriesInput {
    Text registry, next_token;
    std::optional<std::vector<std::string>> names;
    std::optional<std::int64_t> results_max;

    static constexpr auto shape() {
        using I = DescribeRepositoriesInput;
        using wire::member;
        return wire::structure(
            "DescribeRepositoriesRequest", registry_member<&I::registry>(),
            member<&I::names>("repositoryNames").length(1, 100).item_length(2, 256),
            member<&I::next_token>("nextToken"),
            member<&I::results_max>("maxResults").range(1, page_max));
    }
};

struct DescribeRepositoriesOutput {
    std::vector<RepositoryDescription> repositories;
    Text next_token;

    static constexpr auto shape() {
        using O = DescribeRepositoriesOutput;
        return wire::structure("DescribeRepositoriesResponse",
                               wire::member<&O::repositories>("repositories"),
                               wire::member<&O::next_token>("nextToken"));
    }
};

Task<Result<DescribeRepositoriesOutput>> describe_repositories(Ecr& ecr, Caller caller,
                                                               DescribeRepositoriesInput input) {
    DescribeRepositoriesOutput output;
    if (input.names) {
        for (const std::string& name : *input.names) {
            MILL_CO_TRY(const Repository repository, ecr.need(caller, input.registry, name));
            output.repositories.push_back(describe(repository));
        }
        co_return output;
    }
    const auto page = static_cast<std::size_t>(input.results_max.value_or(page_default));
    MILL_CO_TRY(const std::string after, after_token(input.next_token));
    MILL_CO_TRY(auto found, ecr.list(caller, input.registry, after, page + 1));
    if (found.size() > page) {
        found.pop_back();
        output.next_token = base64_encode(found.back().name);
    }
    for (const Repository& repository : found) output.repositories.push_back(describe(repository));
    co_return output;
}

}  // namespace

extern const wire::Operation describe_repositories_operation;
const wire::Operation describe_repositories_operation =
    wire::operation<&describe_repositories>("DescribeRepositories");

}  // namespace mill::ecr
