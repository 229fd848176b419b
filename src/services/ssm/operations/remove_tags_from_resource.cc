// SPDX-License-Identifier: Apache-2.0
// RemoveTagsFromResource: takes tags from a parameter.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct RemoveTagsFromResourceInput {
    Text type, id;
    std::optional<std::vector<std::string>> keys;

    static constexpr auto shape() {
        using I = RemoveTagsFromResourceInput;
        return wire::structure(
            "RemoveTagsFromResourceRequest",
            wire::member<&I::type>("ResourceType").required().one_of(resource_types),
            wire::member<&I::id>("ResourceId").required(),
            wire::member<&I::keys>("TagKeys").required().item_length(1, 128));
    }
};

struct RemoveTagsFromResourceOutput {
    static constexpr auto shape() { return wire::structure("RemoveTagsFromResourceResult"); }
};

Task<Result<RemoveTagsFromResourceOutput>> remove_tags_from_resource(
    Ssm& ssm, Caller caller, RemoveTagsFromResourceInput input) {
    MILL_CO_TRY(Parameter parameter, tagged(ssm, caller, *input.type, *input.id));
    for (const std::string& key : *input.keys) parameter.tags.erase(key);
    MILL_CO_CHECK(co_await ssm.store(std::move(parameter)));
    co_return RemoveTagsFromResourceOutput{};
}

}  // namespace

extern const wire::Operation remove_tags_from_resource_operation;
const wire::Operation remove_tags_from_resource_operation =
    wire::operation<&remove_tags_from_resource>("RemoveTagsFromResource");

}  // namespace mill::ssm
