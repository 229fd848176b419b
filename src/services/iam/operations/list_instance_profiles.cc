// SPDX-License-Identifier: Apache-2.0
// ListInstanceProfiles: those whose path begins with a prefix, in the order of their names.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html
#include "services/iam/declarations.h"

namespace mill::iam {
namespace {

struct ListInstanceProfilesInput {
    Text path_prefix, marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListInstanceProfilesInput;
        return wire::structure("ListInstanceProfilesRequest", path_prefix_member<&I::path_prefix>(),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

struct ListInstanceProfilesOutput {
    std::vector<ProfileDescription> profiles;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListInstanceProfilesOutput;
        return wire::structure(
            "ListInstanceProfilesResponse", wire::member<&O::profiles>("InstanceProfiles"),
            wire::member<&O::is_truncated>("IsTruncated"), wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListInstanceProfilesOutput>> list_instance_profiles(Iam& iam, Caller caller,
                                                                ListInstanceProfilesInput input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const auto found,
                page_of_rows<InstanceProfile>(iam, caller.account, input.path_prefix, page));
    ListInstanceProfilesOutput output{.is_truncated = found.is_truncated, .marker = found.marker};
    for (const InstanceProfile& profile : found.rows) {
        MILL_CO_TRY(auto one, describe(iam, caller.account, profile, false));
        output.profiles.push_back(std::move(one));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_instance_profiles_operation;
const wire::Operation list_instance_profiles_operation =
    wire::operation<&list_instance_profiles>("ListInstanceProfiles");

}  // namespace mill::iam
