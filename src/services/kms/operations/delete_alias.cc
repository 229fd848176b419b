// SPDX-License-Identifier: Apache-2.0
// DeleteAlias: takes a name from its key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct DeleteAliasInput {
    Text name;

    static constexpr auto shape() {
        return wire::structure("DeleteAliasRequest", alias_member<&DeleteAliasInput::name>());
    }
};

Task<Result<wire::Empty>> delete_alias(Kms& kms, Caller caller, DeleteAliasInput input) {
    MILL_CO_CHECK(co_await kms.drop_alias(std::move(caller), *std::move(input.name)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_alias_operation;
const wire::Operation delete_alias_operation = wire::operation<&delete_alias>("DeleteAlias");

}  // namespace mill::kms
