// SPDX-License-Identifier: Apache-2.0
// UpdateAlias: gives the name to another key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct UpdateAliasInput {
    Text name, key;

    static constexpr auto shape() {
        using I = UpdateAliasInput;
        return wire::structure("UpdateAliasRequest", alias_member<&I::name>(),
                               key_member<&I::key>("TargetKeyId").required());
    }
};

Task<Result<wire::Empty>> update_alias(Kms& kms, Caller caller, UpdateAliasInput input) {
    MILL_CO_CHECK(
        co_await kms.move_alias(std::move(caller), *std::move(input.name), *std::move(input.key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation update_alias_operation;
const wire::Operation update_alias_operation = wire::operation<&update_alias>("UpdateAlias");

}  // namespace mill::kms
