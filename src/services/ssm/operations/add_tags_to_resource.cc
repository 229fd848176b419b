// SPDX-License-Identifier: Apache-2.0
// AddTagsToResource: adds tags to a parameter, or gives new values to those that are there.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct AddTagsToResourceInput {
    Text type, id;
    std::optional<std::vector<Tag>> tags;

    static constexpr auto shape() {
        using I = AddTagsToResourceInput;
        return wire::structure(
            "AddTagsToResourceRequest",
            wire::member<&I::type>("ResourceType").required().one_of(resource_types),
            wire::member<&I::id>("ResourceId").required(),
            wire::member<&I::tags>("Tags").required().length(0, 1000));
    }
};

struct AddTagsToResourceOutput {
    static constexpr auto shape() { return wire::structure("AddTagsToResourceResult"); }
};

Task<Result<AddTagsToResourceOutput>> add_tags_to_resource(Ssm& ssm, Caller caller,
                                                           AddTagsToResourceInput input) {
    MILL_CO_TRY(Parameter parameter, tagged(ssm, caller, *input.type, *input.id));
    for (const auto& [key, value] : tags_of(input.tags))
        parameter.tags.insert_or_assign(key, value);
    MILL_CO_CHECK(check_tags(parameter.tags));
    MILL_CO_CHECK(co_await ssm.store(std::move(parameter)));
    co_return AddTagsToResourceOutput{};
}

}  // namespace

extern const wire::Operation add_tags_to_resource_operation;
const wire::Operation add_tags_to_resource_operation =
    wire::operation<&add_tags_to_resource>("AddTagsToResource");

}  // namespace mill::ssm
