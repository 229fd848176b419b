// SPDX-License-Identifier: Apache-2.0
// UpdateKeyDescription: a new description.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct UpdateKeyDescriptionInput {
    Text key, description;

    static constexpr auto shape() {
        using I = UpdateKeyDescriptionInput;
        return wire::structure(
            "UpdateKeyDescriptionRequest", key_member<&I::key>().required(),
            wire::member<&I::description>("Description").required().length(0, 8192));
    }
};

Task<Result<wire::Empty>> update_key_description(Kms& kms, Caller caller,
                                                 UpdateKeyDescriptionInput input) {
    MILL_CO_TRY(Key key, kms.need_living(caller, *input.key));
    key.description = *std::move(input.description);
    MILL_CO_CHECK(co_await kms.store(std::move(key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation update_key_description_operation;
const wire::Operation update_key_description_operation =
    wire::operation<&update_key_description>("UpdateKeyDescription");

}  // namespace mill::kms
