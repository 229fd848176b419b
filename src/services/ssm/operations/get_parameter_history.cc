// SPDX-License-Identifier: Apache-2.0
// GetParameterHistory: the versions of a parameter, oldest first.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

constexpr std::int64_t page_max = 50;

struct GetParameterHistoryInput {
    Text name, next_token;
    std::optional<bool> in_clear;
    std::optional<std::int64_t> results_max;

    static constexpr auto shape() {
        using I = GetParameterHistoryInput;
        using wire::member;
        return wire::structure("GetParameterHistoryRequest", name_member<&I::name>(),
                               member<&I::in_clear>("WithDecryption"),
                               member<&I::results_max>("MaxResults").range(1, page_max),
                               member<&I::next_token>("NextToken"));
    }
};

struct History {
    std::string name, type;
    Text key_id;
    WallTime modified;
    std::string user;
    Text description;
    std::string value;
    Text allowed_pattern;
    std::int64_t version = 0;
    std::vector<std::string> labels;
    std::string tier, data_type;

    static constexpr auto shape() {
        using H = History;
        using wire::member;
        return wire::structure(
            "ParameterHistory", member<&H::name>("Name"), member<&H::type>("Type"),
            member<&H::key_id>("KeyId"), member<&H::modified>("LastModifiedDate"),
            member<&H::user>("LastModifiedUser"), member<&H::description>("Description"),
            member<&H::value>("Value"), member<&H::allowed_pattern>("AllowedPattern"),
            member<&H::version>("Version"), member<&H::labels>("Labels"), member<&H::tier>("Tier"),
            member<&H::data_type>("DataType"));
    }
};

struct GetParameterHistoryOutput {
    std::vector<History> versions;
    Text next_token;

    static constexpr auto shape() {
        using O = GetParameterHistoryOutput;
        return wire::structure("GetParameterHistoryResult",
                               wire::member<&O::versions>("Parameters"),
                               wire::member<&O::next_token>("NextToken"));
    }
};

History history_of(const Parameter& parameter, const Version& version, bool in_clear) {
    History out{.name = parameter.name,
                .type = version.type,
                .key_id = version.key_id,
                .modified = version.modified,
                .user = version.user,
                .description = version.description,
                .value = shown_value(parameter, version, in_clear),
                .allowed_pattern = version.allowed_pattern,
                .version = version.number,
                .tier = version.tier,
                .data_type = version.data_type};
    for (const auto& [label, number] : parameter.labels) {
        if (number == version.number) out.labels.push_back(label);
    }
    return out;
}

Task<Result<GetParameterHistoryOutput>> get_parameter_history(Ssm& ssm, Caller caller,
                                                              GetParameterHistoryInput input) {
    MILL_CO_TRY(const std::int64_t after, version_after_token(input.next_token));
    MILL_CO_TRY(const Parameter parameter, ssm.need(caller, *input.name));
    const auto page = static_cast<std::size_t>(input.results_max.value_or(page_max));
    MILL_CO_TRY(auto versions, ssm.versions(parameter, after, page + 1));
    GetParameterHistoryOutput output;
    if (versions.size() > page) {
        versions.pop_back();
        output.next_token = token_after(std::to_string(versions.back().number));
    }
    for (const Version& version : versions)
        output.versions.push_back(history_of(parameter, version, input.in_clear.value_or(false)));
    co_return output;
}

}  // namespace

extern const wire::Operation get_parameter_history_operation;
const wire::Operation get_parameter_history_operation =
    wire::operation<&get_parameter_history>("GetParameterHistory");

}  // namespace mill::ssm
