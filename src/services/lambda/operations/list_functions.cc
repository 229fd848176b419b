// SPDX-License-Identifier: Apache-2.0
// ListFunctions: by name, 50 a page at most, whatever MaxItems says. The marker is the last name of
// the page before. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
#include <algorithm>

#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

constexpr std::int64_t page_items_max = 50;
constexpr std::string_view function_versions[] = {"ALL"};

struct Input {
    std::optional<std::string> function_version, marker;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        return wire::structure(
            "ListFunctionsRequest",
            wire::member<&Input::function_version>("FunctionVersion")
                .one_of(function_versions)
                .query("FunctionVersion"),
            wire::member<&Input::marker>("Marker").query("Marker"),
            wire::member<&Input::max_items>("MaxItems").range(1, 10000).query("MaxItems"),
            wire::refused("MasterRegion", "Functions are not replicated to other regions.")
                .query("MasterRegion")
                .unless("ALL"));
    }
};

struct Output {
    std::optional<std::string> next_marker;
    std::vector<FunctionConfiguration> functions;
    static constexpr auto shape() {
        return wire::structure("ListFunctionsResponse",
                               wire::member<&Output::next_marker>("NextMarker"),
                               wire::member<&Output::functions>("Functions"));
    }
};

Task<Result<Output>> list_functions(Lambda& lambda, Caller caller, Input input) {
    Bytes after;
    if (input.marker && !input.marker->empty()) {
        auto decoded = base64_decode(*input.marker);
        if (!decoded) co_return fail("InvalidParameterValueException", "Invalid marker", 400);
        after = *std::move(decoded);
    }
    const auto limit = static_cast<std::size_t>(
        std::min(input.max_items.value_or(page_items_max), page_items_max));
    std::vector<FunctionPtr> found = lambda.functions().list(caller, after, limit + 1);
    Output output;
    if (found.size() > limit) {
        found.resize(limit);
        output.next_marker = base64_encode(found.back()->name);
    }
    for (const FunctionPtr& function : found) {
        output.functions.push_back(configuration_of(*function, Shown::listed));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_functions_operation;
const wire::Operation list_functions_operation = wire::operation<&list_functions>(
    "ListFunctions", {.method = "GET", .path = "/2015-03-31/functions"});

}  // namespace mill::lambda
