// SPDX-License-Identifier: Apache-2.0
// TagResource: adds tags to a stream or a consumer, or gives new values to those that are there.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_TagResource.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct TagResourceInput {
    std::optional<std::map<std::string, std::string>> tags;
    std::optional<std::string> resource_arn;

    static constexpr auto shape() {
        using I = TagResourceInput;
        return wire::structure("TagResourceInput", tags_member<&I::tags>().required(),
                               resource_arn_member<&I::resource_arn>());
    }
};

Task<Result<wire::Empty>> tag_resource(Kinesis& kinesis, Caller, TagResourceInput input) {
    MILL_CO_TRY(auto resource, kinesis.find_resource(*input.resource_arn));
    MILL_CO_CHECK(co_await kinesis.tag_resource(std::move(resource), *std::move(input.tags)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation tag_resource_operation;
const wire::Operation tag_resource_operation = wire::operation<&tag_resource>("TagResource");

}  // namespace mill::kinesis
