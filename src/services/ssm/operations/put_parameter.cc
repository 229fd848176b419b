// SPDX-License-Identifier: Apache-2.0
// PutParameter: makes a parameter, or a new version of one.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct PutParameterInput {
    Text name, description, value, type, key_id, allowed_pattern, tier, data_type;
    std::optional<bool> overwrite;
    std::optional<std::vector<Tag>> tags;

    static constexpr auto shape() {
        using I = PutParameterInput;
        using wire::member;
        return wire::structure(
            "PutParameterRequest", name_member<&I::name>(),
            member<&I::description>("Description").length(0, 1024),
            member<&I::value>("Value").required().secret(),
            member<&I::type>("Type").one_of(parameter_types),
            member<&I::key_id>("KeyId").length(1, 256).pattern("^([a-zA-Z0-9:/_-]+)$"),
            member<&I::overwrite>("Overwrite"),
            member<&I::allowed_pattern>("AllowedPattern").length(0, 1024),
            member<&I::tags>("Tags").length(0, 1000), member<&I::tier>("Tier").one_of(tiers),
            wire::refused("Policies", "Leave it out: parameters do not expire."),
            member<&I::data_type>("DataType").length(0, 128));
    }
};

struct PutParameterOutput {
    std::int64_t version = 0;
    std::string tier;

    static constexpr auto shape() {
        return wire::structure("PutParameterResult",
                               wire::member<&PutParameterOutput::version>("Version"),
                               wire::member<&PutParameterOutput::tier>("Tier"));
    }
};

Task<Result<PutParameterOutput>> put_parameter(Ssm& ssm, Caller caller, PutParameterInput input) {
    const bool overwrite = input.overwrite.value_or(false);
    if (overwrite && input.tags && !input.tags->empty()) {
        co_return invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter "
            "with tags, please remove overwrite flag. To update tags for an existing parameter, "
            "please use AddTagsToResource or RemoveTagsFromResource.");
    }
    MILL_CO_TRY(std::string name, ssm.name_in(caller, *input.name));
    Draft draft{.name = std::move(name),
                .value = *std::move(input.value),
                .type = std::move(input.type),
                .tier = std::move(input.tier),
                .data_type = std::move(input.data_type),
                .key_id = std::move(input.key_id),
                .description = std::move(input.description),
                .allowed_pattern = std::move(input.allowed_pattern),
                .tags = tags_of(input.tags),
                .overwrite = overwrite};
    MILL_CO_TRY(Version version, co_await ssm.put(std::move(caller), std::move(draft)));
    co_return PutParameterOutput{version.number, std::move(version.tier)};
}

}  // namespace

extern const wire::Operation put_parameter_operation;
const wire::Operation put_parameter_operation = wire::operation<&put_parameter>("PutParameter");

}  // namespace mill::ssm
