// SPDX-License-Identifier: Apache-2.0
// UntagResource: takes tags from a key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct UntagResourceInput {
    Text key;
    std::optional<std::vector<std::string>> names;

    static constexpr auto shape() {
        using I = UntagResourceInput;
        return wire::structure("UntagResourceRequest", key_member<&I::key>().required(),
                               wire::member<&I::names>("TagKeys").required().item_length(1, 128));
    }
};

Task<Result<wire::Empty>> untag_resource(Kms& kms, Caller caller, UntagResourceInput input) {
    MILL_CO_TRY(Key key, kms.need_living(caller, *input.key));
    for (const std::string& name : *input.names) key.tags.erase(name);
    MILL_CO_CHECK(co_await kms.store(std::move(key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation untag_resource_operation;
const wire::Operation untag_resource_operation = wire::operation<&untag_resource>("UntagResource");

}  // namespace mill::kms
