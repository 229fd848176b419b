// SPDX-License-Identifier: Apache-2.0
// DeleteRepository: one repository; it has no images that could be in the way.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct DeleteRepositoryInput {
    Text registry, name;
    std::optional<bool> force;

    static constexpr auto shape() {
        using I = DeleteRepositoryInput;
        return wire::structure("DeleteRepositoryRequest", registry_member<&I::registry>(),
                               name_member<&I::name>(), wire::member<&I::force>("force"));
    }
};

struct DeleteRepositoryOutput {
    RepositoryDescription repository;

    static constexpr auto shape() {
        return wire::structure("DeleteRepositoryResponse",
                               wire::member<&DeleteRepositoryOutput::repository>("repository"));
    }
};

Task<Result<DeleteRepositoryOutput>> delete_repository(Ecr& ecr, Caller caller,
                                                       DeleteRepositoryInput input) {
    MILL_CO_TRY(const Repository repository, ecr.need(caller, input.registry, *input.name));
    MILL_CO_CHECK(co_await ecr.drop(repository));
    co_return DeleteRepositoryOutput{describe(repository)};
}

}  // namespace

extern const wire::Operation delete_repository_operation;
const wire::Operation delete_repository_operation =
    wire::operation<&delete_repository>("DeleteRepository");

}  // namespace mill::ecr
