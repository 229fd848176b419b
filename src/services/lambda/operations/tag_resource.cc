// SPDX-License-Identifier: Apache-2.0
// TagResource: adds tags to a function or a mapping, or gives new values to those that are there.
// https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html
#include "services/lambda/lambda.h"
#include "services/lambda/tags.h"

namespace mill::lambda {
namespace {

struct TagResourceInput {
    std::optional<std::string> resource;
    std::optional<std::map<std::string, std::string>> tags;

    static constexpr auto shape() {
        using I = TagResourceInput;
        return wire::structure("TagResourceRequest", tagged_resource_member<&I::resource>(),
                               wire::member<&I::tags>("Tags").required());
    }
};

Task<Result<wire::Empty>> tag_resource(Lambda& lambda, Caller caller, TagResourceInput input) {
    MILL_CO_TRY(auto tags, tags_of(lambda, caller, *input.resource));
    for (auto& [key, value] : *input.tags) tags[key] = std::move(value);
    MILL_CO_CHECK(
        co_await set_tags(lambda, std::move(caller), *std::move(input.resource), std::move(tags)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation tag_resource_operation;
const wire::Operation tag_resource_operation = wire::operation<&tag_resource>(
    "TagResource", {.method = "POST", .path = "/2017-03-31/tags/{Resource}", .status = 204});

}  // namespace mill::lambda
