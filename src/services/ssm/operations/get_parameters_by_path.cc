// SPDX-License-Identifier: Apache-2.0
// GetParametersByPath: the parameters below a path, ten at a time.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

constexpr std::int64_t page_max = 10;

struct GetParametersByPathInput {
    Text path, next_token;
    std::optional<bool> recursive, in_clear;
    Filters filters;
    std::optional<std::int64_t> results_max;

    static constexpr auto shape() {
        using I = GetParametersByPathInput;
        using wire::member;
        return wire::structure("GetParametersByPathRequest", name_member<&I::path>("Path"),
                               member<&I::recursive>("Recursive"),
                               member<&I::filters>("ParameterFilters"),
                               member<&I::in_clear>("WithDecryption"),
                               member<&I::results_max>("MaxResults").range(1, page_max),
                               member<&I::next_token>("NextToken"));
    }
};

struct GetParametersByPathOutput {
    std::vector<ParameterDescription> parameters;
    Text next_token;

    static constexpr auto shape() {
        using O = GetParametersByPathOutput;
        return wire::structure("GetParametersByPathResult",
                               wire::member<&O::parameters>("Parameters"),
                               wire::member<&O::next_token>("NextToken"));
    }
};

Result<void> check_input(const GetParametersByPathInput& input) {
    if (!input.path->starts_with('/')) {
        return invalid(fmt::format(
            "The parameter doesn't meet the parameter name requirements. The parameter name must "
            "begin with a forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" "
            "(case-insensitive). It must use only letters, numbers, or the following symbols: . "
            "(period), - (hyphen), _ (underscore). Special characters are not allowed. All "
            "sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: "
            "/get/parameters2-/by1./path0_. Not: {}",
            *input.path));
    }
    for (const Filter& filter : input.filters.value_or(std::vector<Filter>())) {
        if (*filter.key == "Type" || *filter.key == "KeyId" || *filter.key == "Label") continue;
        return fail("InvalidFilterKey",
                    fmt::format("The following filter key is not valid: {}. Valid filter keys "
                                "include: [Type, KeyId, Label].",
                                *filter.key),
                    400);
    }
    return check_filters(input.filters);
}

Task<Result<GetParametersByPathOutput>> get_parameters_by_path(Ssm& ssm, Caller caller,
                                                               GetParametersByPathInput input) {
    MILL_CO_CHECK(check_input(input));
    MILL_CO_TRY(const std::string after, after_token(input.next_token));
    std::string prefix = *input.path;
    if (!prefix.ends_with('/')) prefix += '/';
    const auto page = static_cast<std::size_t>(input.results_max.value_or(page_max));
    GetParametersByPathOutput output;
    const auto take = [&](Parameter parameter) {
        const bool deeper = parameter.name.find('/', prefix.size()) != std::string::npos;
        if ((deeper && !input.recursive.value_or(false)) || !passes(parameter, input.filters))
            return true;
        if (output.parameters.size() == page) {
            output.next_token = token_after(output.parameters.back().name);
            return false;
        }
        Version now = parameter.now;
        output.parameters.push_back(describe({std::move(parameter), std::move(now), std::nullopt},
                                             input.in_clear.value_or(false)));
        return true;
    };
    MILL_CO_CHECK(ssm.each(caller, prefix, after, take));
    co_return output;
}

}  // namespace

extern const wire::Operation get_parameters_by_path_operation;
const wire::Operation get_parameters_by_path_operation =
    wire::operation<&get_parameters_by_path>("GetParametersByPath");

}  // namespace mill::ssm
