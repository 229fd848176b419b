// SPDX-License-Identifier: Apache-2.0
// CreateAccessKey: a key of a user, or of who asks. The root has none here: any key will do.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct CreateAccessKeyInput {
    Text user;
    static constexpr auto shape() {
        return wire::structure("CreateAccessKeyRequest",
                               name_member<&CreateAccessKeyInput::user>("UserName"));
    }
};

struct CreateAccessKeyOutput {
    NewKeyDescription key;
    static constexpr auto shape() {
        return wire::structure("CreateAccessKeyResponse",
                               wire::member<&CreateAccessKeyOutput::key>("AccessKey"));
    }
};

Task<Result<CreateAccessKeyOutput>> create_access_key(Iam& iam, Caller caller,
                                                      CreateAccessKeyInput input) {
    MILL_CO_TRY(const std::string name, user_meant(iam, caller, input.user));
    MILL_CO_TRY(const User user, iam.need<User>(caller.account, name));
    storage::Table::Commit commit;
    MILL_CO_TRY(const AccessKey key, make_key(iam, caller.account, user.name, commit));
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return CreateAccessKeyOutput{{key.user, key.id, key.status, key.secret, key.created}};
}

}  // namespace

extern const wire::Operation create_access_key_operation;
const wire::Operation create_access_key_operation =
    wire::operation<&create_access_key>("CreateAccessKey");

}  // namespace mill::iam
