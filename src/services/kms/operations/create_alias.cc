// SPDX-License-Identifier: Apache-2.0
// CreateAlias: another name of a key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct CreateAliasInput {
    Text name, key;

    static constexpr auto shape() {
        using I = CreateAliasInput;
        return wire::structure("CreateAliasRequest", alias_member<&I::name>(),
                               key_member<&I::key>("TargetKeyId").required());
    }
};

Task<Result<wire::Empty>> create_alias(Kms& kms, Caller caller, CreateAliasInput input) {
    MILL_CO_CHECK(
        co_await kms.add_alias(std::move(caller), *std::move(input.name), *std::move(input.key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation create_alias_operation;
const wire::Operation create_alias_operation = wire::operation<&create_alias>("CreateAlias");

}  // namespace mill::kms
