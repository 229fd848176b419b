// SPDX-License-Identifier: Apache-2.0
// PutImageTagMutability: whether tags may move: kept; there are no images.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct PutImageTagMutabilityInput {
    Text registry, name, mutability;

    static constexpr auto shape() {
        using I = PutImageTagMutabilityInput;
        return wire::structure(
            "PutImageTagMutabilityRequest", registry_member<&I::registry>(),
            name_member<&I::name>(),
            wire::member<&I::mutability>("imageTagMutability").required().one_of(mutabilities),
            refused_exclusions());
    }
};

struct PutImageTagMutabilityOutput {
    std::string registry, name, mutability;

    static constexpr auto shape() {
        using O = PutImageTagMutabilityOutput;
        return wire::structure("PutImageTagMutabilityResponse",
                               wire::member<&O::registry>("registryId"),
                               wire::member<&O::name>("repositoryName"),
                               wire::member<&O::mutability>("imageTagMutability"));
    }
};

Task<Result<PutImageTagMutabilityOutput>> put_image_tag_mutability(
    Ecr& ecr, Caller caller, PutImageTagMutabilityInput input) {
    MILL_CO_CHECK(check_mutability(*input.mutability));
    MILL_CO_TRY(Repository repository, ecr.need(caller, input.registry, *input.name));
    repository.tag_mutability = *std::move(input.mutability);
    MILL_CO_CHECK(co_await ecr.store(repository));
    co_return PutImageTagMutabilityOutput{repository.account, repository.name,
                                          repository.tag_mutability};
}

}  // namespace

extern const wire::Operation put_image_tag_mutability_operation;
const wire::Operation put_image_tag_mutability_operation =
    wire::operation<&put_image_tag_mutability>("PutImageTagMutability");

}  // namespace mill::ecr
