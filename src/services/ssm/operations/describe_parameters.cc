// SPDX-License-Identifier: Apache-2.0
// DescribeParameters: what parameters there are, without their values.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

constexpr std::string_view old_keys[] = {"Name", "Type", "KeyId"};
constexpr std::int64_t page_max = 50;

struct OldFilter {
    Text key;
    std::optional<std::vector<std::string>> values;
    static constexpr auto shape() {
        return wire::structure(
            "ParametersFilter", wire::member<&OldFilter::key>("Key").required().one_of(old_keys),
            wire::member<&OldFilter::values>("Values").required().length(1, 50).item_length(1,
                                                                                            1024));
    }
};

struct DescribeParametersInput {
    std::optional<std::vector<OldFilter>> old_filters;
    Filters filters;
    std::optional<std::int64_t> results_max;
    Text next_token;

    static constexpr auto shape() {
        using I = DescribeParametersInput;
        using wire::member;
        return wire::structure("DescribeParametersRequest", member<&I::old_filters>("Filters"),
                               member<&I::filters>("ParameterFilters"),
                               member<&I::results_max>("MaxResults").range(1, page_max),
                               member<&I::next_token>("NextToken"),
                               wire::refused("Shared", "Leave it out: nothing is shared."));
    }
};

struct Metadata {
    std::string name, arn, type;
    Text key_id;
    WallTime modified;
    std::string user;
    Text description, allowed_pattern;
    std::int64_t version = 0;
    std::string tier, data_type;

    static constexpr auto shape() {
        using M = Metadata;
        using wire::member;
        return wire::structure(
            "ParameterMetadata", member<&M::name>("Name"), member<&M::arn>("ARN"),
            member<&M::type>("Type"), member<&M::key_id>("KeyId"),
            member<&M::modified>("LastModifiedDate"), member<&M::user>("LastModifiedUser"),
            member<&M::description>("Description"), member<&M::allowed_pattern>("AllowedPattern"),
            member<&M::version>("Version"), member<&M::tier>("Tier"),
            member<&M::data_type>("DataType"));
    }
};

struct DescribeParametersOutput {
    std::vector<Metadata> parameters;
    Text next_token;

    static constexpr auto shape() {
        using O = DescribeParametersOutput;
        return wire::structure("DescribeParametersResult",
                               wire::member<&O::parameters>("Parameters"),
                               wire::member<&O::next_token>("NextToken"));
    }
};

Metadata metadata_of(const Parameter& parameter) {
    const Version& now = parameter.now;
    return {.name = parameter.name,
            .arn = parameter.arn(),
            .type = now.type,
            .key_id = now.key_id,
            .modified = now.modified,
            .user = now.user,
            .description = now.description,
            .allowed_pattern = now.allowed_pattern,
            .version = now.number,
            .tier = now.tier,
            .data_type = now.data_type};
}

Task<Result<DescribeParametersOutput>> describe_parameters(Ssm& ssm, Caller caller,
                                                           DescribeParametersInput input) {
    if (input.old_filters && input.filters)
        co_return invalid("You can use either Filters or ParameterFilters in a single request.");
    // A name's filter of the old kind is what names begin with.
    for (OldFilter& old : input.old_filters.value_or(std::vector<OldFilter>())) {
        if (!input.filters) input.filters.emplace();
        input.filters->push_back(
            {old.key, *old.key == "Name" ? "BeginsWith" : "Equals", std::move(old.values)});
    }
    MILL_CO_CHECK(check_filters(input.filters));
    MILL_CO_TRY(const std::string after, after_token(input.next_token));
    const auto page = static_cast<std::size_t>(input.results_max.value_or(page_max));
    DescribeParametersOutput output;
    MILL_CO_CHECK(ssm.each(caller, "", after, [&](const Parameter& parameter) {
        if (!passes(parameter, input.filters)) return true;
        if (output.parameters.size() == page) {
            output.next_token = token_after(output.parameters.back().name);
            return false;
        }
        output.parameters.push_back(metadata_of(parameter));
        return true;
    }));
    co_return output;
}

}  // namespace

extern const wire::Operation describe_parameters_operation;
const wire::Operation describe_parameters_operation =
    wire::operation<&describe_parameters>("DescribeParameters");

}  // namespace mill::ssm
