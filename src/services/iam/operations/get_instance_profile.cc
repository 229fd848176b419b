// SPDX-License-Identifier: Apache-2.0
// GetInstanceProfile: an instance profile and its role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct GetInstanceProfileInput {
    Text name;
    static constexpr auto shape() {
        return wire::structure(
            "GetInstanceProfileRequest",
            name_member<&GetInstanceProfileInput::name>("InstanceProfileName").required());
    }
};

struct GetInstanceProfileOutput {
    ProfileDescription profile;
    static constexpr auto shape() {
        return wire::structure("GetInstanceProfileResponse",
                               wire::member<&GetInstanceProfileOutput::profile>("InstanceProfile"));
    }
};

Task<Result<GetInstanceProfileOutput>> get_instance_profile(Iam& iam, Caller caller,
                                                            GetInstanceProfileInput input) {
    MILL_CO_TRY(const auto profile, iam.need<InstanceProfile>(caller.account, *input.name));
    MILL_CO_TRY(auto described, describe(iam, caller.account, profile, true));
    co_return GetInstanceProfileOutput{std::move(described)};
}

}  // namespace

extern const wire::Operation get_instance_profile_operation;
const wire::Operation get_instance_profile_operation =
    wire::operation<&get_instance_profile>("GetInstanceProfile");

}  // namespace mill::iam
