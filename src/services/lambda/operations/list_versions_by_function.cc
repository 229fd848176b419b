// SPDX-License-Identifier: Apache-2.0
// ListVersionsByFunction: $LATEST, then the versions by number, 50 a page at most. The marker is
// the last version of the page before.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html
#include <algorithm>

#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

constexpr std::int64_t page_items_max = 50;

struct ListVersionsByFunctionInput {
    std::optional<std::string> function_name, marker;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        using I = ListVersionsByFunctionInput;
        return wire::structure(
            "ListVersionsByFunctionRequest",
            wire::member<&I::function_name>("FunctionName").required().uri(),
            wire::member<&I::marker>("Marker").query("Marker"),
            wire::member<&I::max_items>("MaxItems").range(1, 10000).query("MaxItems"));
    }
};

struct ListVersionsByFunctionOutput {
    std::optional<std::string> next_marker;
    std::vector<FunctionConfiguration> versions;
    static constexpr auto shape() {
        using O = ListVersionsByFunctionOutput;
        return wire::structure("ListVersionsByFunctionResponse",
                               wire::member<&O::next_marker>("NextMarker"),
                               wire::member<&O::versions>("Versions"));
    }
};

Task<Result<ListVersionsByFunctionOutput>> list_versions_by_function(
    Lambda& lambda, Caller caller, ListVersionsByFunctionInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_function_name(caller, *input.function_name, ""));
    MILL_CO_CHECK(lambda.functions().find(reference));
    std::vector<FunctionPtr> found = lambda.functions().versions(reference.id);
    if (input.marker && !input.marker->empty()) {
        const std::int64_t after = version_number(*input.marker).value_or(0);
        std::erase_if(found, [&](const FunctionPtr& function) {
            return version_number(function->version).value_or(0) <= after;
        });
    }
    const auto limit = static_cast<std::size_t>(
        std::min(input.max_items.value_or(page_items_max), page_items_max));
    ListVersionsByFunctionOutput output;
    if (found.size() > limit) {
        found.resize(limit);
        output.next_marker = found.back()->version;
    }
    for (const FunctionPtr& function : found)
        output.versions.push_back(configuration_of(*function, Shown::listed_version));
    co_return output;
}

}  // namespace

extern const wire::Operation list_versions_by_function_operation;
const wire::Operation list_versions_by_function_operation =
    wire::operation<&list_versions_by_function>(
        "ListVersionsByFunction",
        {.method = "GET", .path = "/2015-03-31/functions/{FunctionName}/versions"});

}  // namespace mill::lambda
