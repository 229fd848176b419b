// SPDX-License-Identifier: Apache-2.0
// Shapes that SSM's operations share.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "services/ssm/rules.h"

namespace mill::ssm {

inline constexpr std::string_view parameter_types[] = {"String", "StringList", "SecureString"};
inline constexpr std::string_view tiers[] = {"Standard", "Advanced", "Intelligent-Tiering"};
inline constexpr std::string_view resource_types[] = {
    "Document", "ManagedInstance", "MaintenanceWindow", "Parameter",  "PatchBaseline",
    "OpsItem",  "OpsMetadata",     "Automation",        "Association"};

template <auto Pointer>
constexpr wire::Member name_member(std::string_view name = "Name") {
    return wire::member<Pointer>(name).required().length(1, 2048);
}
template <auto Pointer>
constexpr wire::Member names_member() {
    return wire::member<Pointer>("Names").required().length(1, 10).item_length(1, 2048);
}
template <auto Pointer>
constexpr wire::Member labels_member() {
    return wire::member<Pointer>("Labels").required().length(1, 10).item_length(1, 100);
}

struct Tag {
    Text key, value;
    static constexpr auto shape() {
        constexpr std::string_view pattern = R"(^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$)";
        return wire::structure(
            "Tag", wire::member<&Tag::key>("Key").required().length(1, 128).pattern(pattern),
            wire::member<&Tag::value>("Value").required().length(0, 256).pattern(pattern));
    }
};
Tags tags_of(const std::optional<std::vector<Tag>>& list);

struct ParameterDescription {
    std::string name, type, value;
    std::int64_t version = 0;
    Text selector;
    WallTime modified;
    std::string arn, data_type;
    Text source_result;

    static constexpr auto shape() {
        using P = ParameterDescription;
        using wire::member;
        return wire::structure("Parameter", member<&P::name>("Name"), member<&P::type>("Type"),
                               member<&P::value>("Value"), member<&P::version>("Version"),
                               member<&P::selector>("Selector"),
                               member<&P::source_result>("SourceResult"),
                               member<&P::modified>("LastModifiedDate"), member<&P::arn>("ARN"),
                               member<&P::data_type>("DataType"));
    }
};
// A SecureString in clear only if that is asked for.
ParameterDescription describe(const Found& found, bool in_clear);
std::string shown_value(const Parameter& parameter, const Version& version, bool in_clear);

struct Filter {
    Text key, option;
    std::optional<std::vector<std::string>> values;
    static constexpr auto shape() {
        return wire::structure(
            "ParameterStringFilter",
            wire::member<&Filter::key>("Key").required().length(1, 132).pattern(
                "tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType"),
            wire::member<&Filter::option>("Option").length(1, 10),
            wire::member<&Filter::values>("Values").length(1, 50).item_length(1, 1024));
    }
};
using Filters = std::optional<std::vector<Filter>>;
// InvalidFilterOption, InvalidFilterValue.
Result<void> check_filters(const Filters& filters);
bool passes(const Parameter& parameter, const Filters& filters);

std::string token_after(const std::string& last);
// InvalidNextToken.
Result<std::string> after_token(const Text& token);
Result<std::int64_t> version_after_token(const Text& token);

// Tags are of parameters here. InvalidResourceType, InvalidResourceId.
Result<Parameter> tagged(const Ssm& ssm, const Caller& caller, const std::string& type,
                         const std::string& id);

}  // namespace mill::ssm
