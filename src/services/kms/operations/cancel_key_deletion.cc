// SPDX-License-Identifier: Apache-2.0
// CancelKeyDeletion: the key stays, disabled.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct CancelKeyDeletionOutput {
    std::string key;

    static constexpr auto shape() {
        return wire::structure("CancelKeyDeletionResponse",
                               wire::member<&CancelKeyDeletionOutput::key>("KeyId"));
    }
};

Task<Result<CancelKeyDeletionOutput>> cancel_key_deletion(Kms& kms, Caller caller, KeyInput input) {
    MILL_CO_TRY(Key key, kms.need(caller, *input.key));
    if (!key.deletion) {
        co_return fail("KMSInvalidStateException",
                       fmt::format("{} is not pending deletion.", key.arn()), 400);
    }
    key.deletion.reset();
    key.is_enabled = false;
    MILL_CO_CHECK(co_await kms.store(key));
    co_return CancelKeyDeletionOutput{key.arn()};
}

}  // namespace

extern const wire::Operation cancel_key_deletion_operation;
const wire::Operation cancel_key_deletion_operation =
    wire::operation<&cancel_key_deletion>("CancelKeyDeletion");

}  // namespace mill::kms
