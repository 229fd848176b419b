// SPDX-License-Identifier: Apache-2.0
// AWS::SSM::Parameter for CloudFormation.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
#include "services/ports/properties.h"
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

constexpr std::string_view all_types[] = {"AWS::SSM::Parameter"};
constexpr std::string_view parameter_create_only[] = {"Name"};
constexpr std::string_view template_types[] = {"String", "StringList"};

struct Properties {
    Text name, type, value, description, allowed_pattern, tier, data_type;
    std::optional<Tags> tags;

    static constexpr auto shape() {
        using P = Properties;
        using wire::member;
        return wire::structure("AWS::SSM::Parameter",
                               member<&P::allowed_pattern>("AllowedPattern").length(0, 1024),
                               member<&P::data_type>("DataType"),
                               member<&P::description>("Description").length(0, 1024),
                               member<&P::name>("Name").length(1, 2048),
                               wire::refused("Policies", "Leave it out: parameters do not expire."),
                               member<&P::tags>("Tags"), member<&P::tier>("Tier").one_of(tiers),
                               member<&P::type>("Type").required().one_of(template_types),
                               member<&P::value>("Value").required());
    }
};

Draft draft_of(Properties properties, std::string name, bool overwrite) {
    return {.name = std::move(name),
            .value = *std::move(properties.value),
            .type = std::move(properties.type),
            .tier = std::move(properties.tier),
            .data_type = std::move(properties.data_type),
            .description = std::move(properties.description),
            .allowed_pattern = std::move(properties.allowed_pattern),
            .tags = std::move(properties.tags).value_or(Tags()),
            .overwrite = overwrite};
}

ports::Resource describe(const std::string& name, const Version& version) {
    ports::Resource resource{.physical_id = name};
    resource.attributes["Type"] = version.type;
    resource.attributes["Value"] = version.value;
    return resource;
}

}  // namespace

std::span<const std::string_view> Ssm::types() const { return all_types; }

std::span<const std::string_view> Ssm::create_only(std::string_view) const {
    return parameter_create_only;
}

Task<Result<ports::Resource>> Ssm::create(ports::ResourceRequest request) {
    MILL_CO_TRY(Properties properties,
                ports::read_properties<Properties>(std::move(request.properties)));
    const std::string name = properties.name.value_or(request.generated_name);
    MILL_CO_TRY(const Version made,
                co_await put(request.caller, draft_of(std::move(properties), name, false)));
    co_return describe(name, made);
}

Task<Result<ports::Resource>> Ssm::update(ports::ResourceRequest request, std::string physical_id,
                                          wire::Value old_properties) {
    if (ports::differ(request.properties, old_properties, {"Name"}))
        co_return ports::needs_replacement("Name");
    MILL_CO_TRY(Properties now, ports::read_properties<Properties>(std::move(request.properties)));
    MILL_CO_TRY(const Properties before,
                ports::read_properties<Properties>(std::move(old_properties)));
    MILL_CO_TRY(const Parameter known, need(request.caller, physical_id));
    const Tags tags = now.tags.value_or(Tags());
    Draft draft = draft_of(std::move(now), physical_id, true);
    if (!draft.description) draft.description = "";
    if (!draft.allowed_pattern) draft.allowed_pattern = "";
    MILL_CO_TRY(const Version made, co_await put(request.caller, std::move(draft)));
    MILL_CO_TRY(Parameter parameter, need(request.caller, physical_id));
    for (const auto& [key, value] : before.tags.value_or(Tags())) parameter.tags.erase(key);
    for (const auto& [key, value] : tags) parameter.tags.insert_or_assign(key, value);
    MILL_CO_CHECK(check_tags(parameter.tags));
    if (parameter.tags != known.tags) MILL_CO_CHECK(co_await store(std::move(parameter)));
    co_return describe(physical_id, made);
}

Task<Result<void>> Ssm::remove(ports::ResourceRequest request, std::string physical_id) {
    MILL_CO_TRY(auto parameter, read(request.caller, physical_id));
    if (!parameter) co_return Result<void>();
    co_return co_await remove_parameters({*std::move(parameter)});
}

}  // namespace mill::ssm
