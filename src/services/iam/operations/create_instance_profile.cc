// SPDX-License-Identifier: Apache-2.0
// CreateInstanceProfile: makes one without a role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct CreateInstanceProfileInput {
    Text name, path;
    std::optional<TagList> tags;

    static constexpr auto shape() {
        using I = CreateInstanceProfileInput;
        return wire::structure("CreateInstanceProfileRequest",
                               name_member<&I::name>("InstanceProfileName").required(),
                               path_member<&I::path>(), tags_member<&I::tags>());
    }
};

struct CreateInstanceProfileOutput {
    ProfileDescription profile;
    static constexpr auto shape() {
        return wire::structure(
            "CreateInstanceProfileResponse",
            wire::member<&CreateInstanceProfileOutput::profile>("InstanceProfile"));
    }
};

Task<Result<CreateInstanceProfileOutput>> create_instance_profile(
    Iam& iam, Caller caller, CreateInstanceProfileInput input) {
    MILL_CO_TRY(Tags tags, tags_of(input.tags));
    MILL_CO_TRY(InstanceProfile profile,
                make_profile(iam, caller.account, *std::move(input.name), input.path));
    profile.tags = std::move(tags);
    MILL_CO_CHECK(co_await store(iam, caller.account, profile));
    MILL_CO_TRY(auto described, describe(iam, caller.account, profile, true));
    co_return CreateInstanceProfileOutput{std::move(described)};
}

}  // namespace

extern const wire::Operation create_instance_profile_operation;
const wire::Operation create_instance_profile_operation =
    wire::operation<&create_instance_profile>("CreateInstanceProfile");

}  // namespace mill::iam
