// SPDX-License-Identifier: Apache-2.0
// DisableKeyRotation: kept and told: a key has no material that could be rotated.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

Task<Result<wire::Empty>> disable_key_rotation(Kms& kms, Caller caller, KeyInput input) {
    MILL_CO_TRY(Key key, kms.need_living(caller, *input.key));
    key.rotation_days.reset();
    MILL_CO_CHECK(co_await kms.store(std::move(key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation disable_key_rotation_operation;
const wire::Operation disable_key_rotation_operation =
    wire::operation<&disable_key_rotation>("DisableKeyRotation");

}  // namespace mill::kms
