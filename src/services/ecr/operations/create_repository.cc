// SPDX-License-Identifier: Apache-2.0
// CreateRepository: makes a repository, which stays empty.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct CreateRepositoryInput {
    Text registry, name, mutability;
    std::optional<std::vector<Tag>> tags;
    std::optional<Scanning> scanning;
    std::optional<Encryption> encryption;

    static constexpr auto shape() {
        using I = CreateRepositoryInput;
        using wire::member;
        return wire::structure("CreateRepositoryRequest", registry_member<&I::registry>(),
                               name_member<&I::name>(), member<&I::tags>("tags"),
                               member<&I::mutability>("imageTagMutability").one_of(mutabilities),
                               refused_exclusions(),
                               member<&I::scanning>("imageScanningConfiguration"),
                               member<&I::encryption>("encryptionConfiguration"));
    }
};

struct CreateRepositoryOutput {
    RepositoryDescription repository;

    static constexpr auto shape() {
        return wire::structure("CreateRepositoryResponse",
                               wire::member<&CreateRepositoryOutput::repository>("repository"));
    }
};

Task<Result<CreateRepositoryOutput>> create_repository(Ecr& ecr, Caller caller,
                                                       CreateRepositoryInput input) {
    Repository repository{.account = input.registry.value_or(caller.account),
                          .region = caller.region,
                          .name = *std::move(input.name),
                          .tag_mutability = input.mutability.value_or("MUTABLE")};
    MILL_CO_CHECK(check_mutability(repository.tag_mutability));
    MILL_CO_CHECK(add_tags(repository.tags, input.tags));
    if (input.scanning) repository.scans_on_push = input.scanning->on_push.value_or(false);
    if (input.encryption) {
        repository.encryption = *input.encryption->type;
        repository.kms_key = input.encryption->kms_key;
    }
    MILL_CO_TRY(const Repository made, co_await ecr.add(std::move(repository)));
    co_return CreateRepositoryOutput{describe(made)};
}

}  // namespace

extern const wire::Operation create_repository_operation;
const wire::Operation create_repository_operation =
    wire::operation<&create_repository>("CreateRepository");

}  // namespace mill::ecr
