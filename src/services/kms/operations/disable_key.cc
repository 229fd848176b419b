// SPDX-License-Identifier: Apache-2.0
// DisableKey: a state that is told; keys are used for nothing.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

Task<Result<wire::Empty>> disable_key(Kms& kms, Caller caller, KeyInput input) {
    MILL_CO_TRY(Key key, kms.need_living(caller, *input.key));
    key.is_enabled = false;
    MILL_CO_CHECK(co_await kms.store(std::move(key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation disable_key_operation;
const wire::Operation disable_key_operation = wire::operation<&disable_key>("DisableKey");

}  // namespace mill::kms
