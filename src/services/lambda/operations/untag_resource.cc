// SPDX-License-Identifier: Apache-2.0
// UntagResource: removes tags of a function or a mapping by their keys.
// https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html
#include "services/lambda/lambda.h"
#include "services/lambda/tags.h"

namespace mill::lambda {
namespace {

struct UntagResourceInput {
    std::optional<std::string> resource;
    std::optional<std::vector<std::string>> keys;

    static constexpr auto shape() {
        using I = UntagResourceInput;
        return wire::structure("UntagResourceRequest", tagged_resource_member<&I::resource>(),
                               wire::member<&I::keys>("TagKeys").required().query("tagKeys"));
    }
};

Task<Result<wire::Empty>> untag_resource(Lambda& lambda, Caller caller, UntagResourceInput input) {
    MILL_CO_TRY(auto tags, tags_of(lambda, caller, *input.resource));
    for (const std::string& key : *input.keys) tags.erase(key);
    MILL_CO_CHECK(
        co_await set_tags(lambda, std::move(caller), *std::move(input.resource), std::move(tags)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation untag_resource_operation;
const wire::Operation untag_resource_operation = wire::operation<&untag_resource>(
    "UntagResource", {.method = "DELETE", .path = "/2017-03-31/tags/{Resource}", .status = 204});

}  // namespace mill::lambda
