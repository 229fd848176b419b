// SPDX-License-Identifier: Apache-2.0
// UpdateAccessKey: makes a key active or inactive. A request signed with an inactive one is
// answered all the same: nobody is kept out.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct UpdateAccessKeyInput {
    Text user, id, status;

    static constexpr auto shape() {
        using I = UpdateAccessKeyInput;
        return wire::structure("UpdateAccessKeyRequest", name_member<&I::user>("UserName"),
                               key_id_member<&I::id>(),
                               wire::member<&I::status>("Status").required().one_of(key_statuses));
    }
};

Task<Result<wire::Empty>> update_access_key(Iam& iam, Caller caller, UpdateAccessKeyInput input) {
    MILL_CO_TRY(AccessKey key, key_meant(iam, caller, input.user, *input.id));
    key.status = *input.status;
    storage::Table::Commit commit;
    put_key(key, commit);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation update_access_key_operation;
const wire::Operation update_access_key_operation =
    wire::operation<&update_access_key>("UpdateAccessKey");

}  // namespace mill::iam
