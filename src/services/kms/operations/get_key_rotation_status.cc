// SPDX-License-Identifier: Apache-2.0
// GetKeyRotationStatus: what EnableKeyRotation has set.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct GetKeyRotationStatusOutput {
    bool is_enabled = false;
    std::string key;
    std::optional<std::int64_t> days;

    static constexpr auto shape() {
        using O = GetKeyRotationStatusOutput;
        return wire::structure(
            "GetKeyRotationStatusResponse", wire::member<&O::is_enabled>("KeyRotationEnabled"),
            wire::member<&O::key>("KeyId"), wire::member<&O::days>("RotationPeriodInDays"));
    }
};

Task<Result<GetKeyRotationStatusOutput>> get_key_rotation_status(Kms& kms, Caller caller,
                                                                 KeyInput input) {
    MILL_CO_TRY(const Key key, kms.need(caller, *input.key));
    co_return GetKeyRotationStatusOutput{key.rotation_days.has_value(), key.arn(),
                                         key.rotation_days};
}

}  // namespace

extern const wire::Operation get_key_rotation_status_operation;
const wire::Operation get_key_rotation_status_operation =
    wire::operation<&get_key_rotation_status>("GetKeyRotationStatus");

}  // namespace mill::kms
