// SPDX-License-Identifier: Apache-2.0
// TagResource: adds tags to a key, or gives new values to those that are there.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct TagResourceInput {
    Text key;
    std::optional<std::vector<Tag>> tags;

    static constexpr auto shape() {
        using I = TagResourceInput;
        return wire::structure("TagResourceRequest", key_member<&I::key>().required(),
                               wire::member<&I::tags>("Tags").required());
    }
};

Task<Result<wire::Empty>> tag_resource(Kms& kms, Caller caller, TagResourceInput input) {
    MILL_CO_TRY(Key key, kms.need_living(caller, *input.key));
    MILL_CO_CHECK(add_tags(key.tags, input.tags));
    MILL_CO_CHECK(co_await kms.store(std::move(key)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation tag_resource_operation;
const wire::Operation tag_resource_operation = wire::operation<&tag_resource>("TagResource");

}  // namespace mill::kms
