// SPDX-License-Identifier: Apache-2.0
// ListTags: of a function or a mapping, by its ARN.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html
#include "services/lambda/lambda.h"
#include "services/lambda/tags.h"

namespace mill::lambda {
namespace {

struct ListTagsInput {
    std::optional<std::string> resource;

    static constexpr auto shape() {
        return wire::structure("ListTagsRequest",
                               tagged_resource_member<&ListTagsInput::resource>());
    }
};

struct ListTagsOutput {
    std::map<std::string, std::string> tags;

    static constexpr auto shape() {
        return wire::structure("ListTagsResponse", wire::member<&ListTagsOutput::tags>("Tags"));
    }
};

Task<Result<ListTagsOutput>> list_tags(Lambda& lambda, Caller caller, ListTagsInput input) {
    MILL_CO_TRY(auto tags, tags_of(lambda, caller, *input.resource));
    co_return ListTagsOutput{std::move(tags)};
}

}  // namespace

extern const wire::Operation list_tags_operation;
const wire::Operation list_tags_operation = wire::operation<&list_tags>(
    "ListTags", {.method = "GET", .path = "/2017-03-31/tags/{Resource}"});

}  // namespace mill::lambda
