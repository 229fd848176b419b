// SPDX-License-Identifier: Apache-2.0
// ListAliases: by name, 50 a page at most. The marker is the last name of the page before.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html
#include <algorithm>

#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

constexpr std::int64_t page_items_max = 50;

struct ListAliasesInput {
    std::optional<std::string> function_name, version, marker;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        using I = ListAliasesInput;
        return wire::structure(
            "ListAliasesRequest", wire::member<&I::function_name>("FunctionName").required().uri(),
            wire::member<&I::version>("FunctionVersion")
                .length(1, 1024)
                .pattern(alias_version_pattern)
                .query("FunctionVersion"),
            wire::member<&I::marker>("Marker").query("Marker"),
            wire::member<&I::max_items>("MaxItems").range(1, 10000).query("MaxItems"));
    }
};

struct ListAliasesOutput {
    std::optional<std::string> next_marker;
    std::vector<AliasConfiguration> aliases;
    static constexpr auto shape() {
        using O = ListAliasesOutput;
        return wire::structure("ListAliasesResponse", wire::member<&O::next_marker>("NextMarker"),
                               wire::member<&O::aliases>("Aliases"));
    }
};

Task<Result<ListAliasesOutput>> list_aliases(Lambda& lambda, Caller caller,
                                             ListAliasesInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_CHECK(lambda.functions().find(reference));
    const auto limit = static_cast<std::size_t>(
        std::min(input.max_items.value_or(page_items_max), page_items_max));
    ListAliasesOutput output;
    for (const AliasPtr& alias : lambda.functions().aliases(reference.id)) {
        if (input.marker && alias->name <= *input.marker) continue;
        if (input.version && alias->version != *input.version) continue;
        if (output.aliases.size() == limit) {
            output.next_marker = output.aliases.back().name;
            break;
        }
        output.aliases.push_back(describe(*alias));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_aliases_operation;
const wire::Operation list_aliases_operation = wire::operation<&list_aliases>(
    "ListAliases", {.method = "GET", .path = "/2015-03-31/functions/{FunctionName}/aliases"});

}  // namespace mill::lambda
