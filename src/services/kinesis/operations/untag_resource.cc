// SPDX-License-Identifier: Apache-2.0
// UntagResource: keys that the stream or consumer does not have are ignored.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UntagResource.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct UntagResourceInput {
    std::optional<std::vector<std::string>> tag_keys;
    std::optional<std::string> resource_arn;

    static constexpr auto shape() {
        using I = UntagResourceInput;
        return wire::structure("UntagResourceInput",
                               wire::member<&I::tag_keys>("TagKeys")
                                   .required()
                                   .length(1, limits::kinesis::tags_max)
                                   .item_length(1, limits::kinesis::tag_key_length_max),
                               resource_arn_member<&I::resource_arn>());
    }
};

Task<Result<wire::Empty>> untag_resource(Kinesis& kinesis, Caller, UntagResourceInput input) {
    MILL_CO_TRY(auto resource, kinesis.find_resource(*input.resource_arn));
    MILL_CO_CHECK(co_await kinesis.untag_resource(std::move(resource), *std::move(input.tag_keys)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation untag_resource_operation;
const wire::Operation untag_resource_operation = wire::operation<&untag_resource>("UntagResource");

}  // namespace mill::kinesis
