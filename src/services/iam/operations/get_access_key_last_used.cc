// SPDX-License-Identifier: Apache-2.0
// GetAccessKeyLastUsed: whose a key is. When it was used is not written down.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct GetAccessKeyLastUsedInput {
    Text id;
    static constexpr auto shape() {
        return wire::structure("GetAccessKeyLastUsedRequest",
                               key_id_member<&GetAccessKeyLastUsedInput::id>());
    }
};

struct LastUsed {
    std::optional<WallTime> date;
    std::string service = "N/A", region = "N/A";
    static constexpr auto shape() {
        return wire::structure("AccessKeyLastUsed", wire::member<&LastUsed::date>("LastUsedDate"),
                               wire::member<&LastUsed::service>("ServiceName"),
                               wire::member<&LastUsed::region>("Region"));
    }
};

struct GetAccessKeyLastUsedOutput {
    std::string user;
    LastUsed last_used = {};

    static constexpr auto shape() {
        using O = GetAccessKeyLastUsedOutput;
        return wire::structure("GetAccessKeyLastUsedResponse", wire::member<&O::user>("UserName"),
                               wire::member<&O::last_used>("AccessKeyLastUsed"));
    }
};

Task<Result<GetAccessKeyLastUsedOutput>> get_access_key_last_used(Iam& iam, Caller caller,
                                                                  GetAccessKeyLastUsedInput input) {
    MILL_CO_TRY(const AccessKey key, iam.need_key(caller.account, *input.id));
    co_return GetAccessKeyLastUsedOutput{.user = key.user};
}

}  // namespace

extern const wire::Operation get_access_key_last_used_operation;
const wire::Operation get_access_key_last_used_operation =
    wire::operation<&get_access_key_last_used>("GetAccessKeyLastUsed");

}  // namespace mill::iam
