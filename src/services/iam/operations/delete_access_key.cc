// SPDX-License-Identifier: Apache-2.0
// DeleteAccessKey: takes a key from its user.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct DeleteAccessKeyInput {
    Text user, id;

    static constexpr auto shape() {
        using I = DeleteAccessKeyInput;
        return wire::structure("DeleteAccessKeyRequest", name_member<&I::user>("UserName"),
                               key_id_member<&I::id>());
    }
};

Task<Result<wire::Empty>> delete_access_key(Iam& iam, Caller caller, DeleteAccessKeyInput input) {
    MILL_CO_TRY(const AccessKey key, key_meant(iam, caller, input.user, *input.id));
    storage::Table::Commit commit;
    remove_key(key, commit);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_access_key_operation;
const wire::Operation delete_access_key_operation =
    wire::operation<&delete_access_key>("DeleteAccessKey");

}  // namespace mill::iam
