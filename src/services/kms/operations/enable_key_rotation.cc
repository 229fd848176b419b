// SPDX-License-Identifier: Apache-2.0
// EnableKeyRotation: kept and told: a key has no material that could be rotated.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

constexpr std::int64_t days_default = 365;

struct EnableKeyRotationInput {
    Text key;
    std::optional<std::int64_t> days;

    static constexpr auto shape() {
        using I = EnableKeyRotationInput;
        return wire::structure("EnableKeyRotationRequest", key_member<&I::key>().required(),
                               wire::member<&I::days>("RotationPeriodInDays").range(90, 2560));
    }
};

Task<Result<wire::Empty>> enable_key_rotation(Kms& kms, Caller caller,
                                              EnableKeyRotationInput input) {
    MILL_CO_TRY(Key key, kms.need_living(caller, *input.key));
    key.rotation_days = input.days.value_or(days_default);
    MILL_CO_CHECK(check_key(key));
    MILL_CO_CHECK(co_await kms.store(std::move(key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation enable_key_rotation_operation;
const wire::Operation enable_key_rotation_operation =
    wire::operation<&enable_key_rotation>("EnableKeyRotation");

}  // namespace mill::kms
