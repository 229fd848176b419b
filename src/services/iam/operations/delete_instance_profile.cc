// SPDX-License-Identifier: Apache-2.0
// DeleteInstanceProfile: one that has no role any more.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct DeleteInstanceProfileInput {
    Text name;
    static constexpr auto shape() {
        return wire::structure(
            "DeleteInstanceProfileRequest",
            name_member<&DeleteInstanceProfileInput::name>("InstanceProfileName").required());
    }
};

Task<Result<wire::Empty>> delete_instance_profile(Iam& iam, Caller caller,
                                                  DeleteInstanceProfileInput input) {
    MILL_CO_TRY(const auto profile, iam.need<InstanceProfile>(caller.account, *input.name));
    if (profile.role) {
        co_return delete_conflict(
            "Cannot delete entity, must remove roles from instance profile first.");
    }
    storage::Table::Commit commit;
    erase(commit, caller.account, profile);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_instance_profile_operation;
const wire::Operation delete_instance_profile_operation =
    wire::operation<&delete_instance_profile>("DeleteInstanceProfile");

}  // namespace mill::iam
