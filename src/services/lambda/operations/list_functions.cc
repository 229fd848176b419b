// SPDX-License-Identifier: Apache-2.0
// ListFunctions: by name, 50 a page at most, whatever MaxItems says; with ALL each with its
// versions. The marker is the last name of the page before, with ALL also the version.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
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

// The last item of a page: "name", or "name:version".
std::string marker_of(const Function& function, bool with_versions) {
    return base64_encode(with_versions ? function.name + ":" + function.version : function.name);
}

// Each function with its versions, from the marker on: more than `limit` if there are.
std::vector<FunctionPtr> all_versions(const Functions& functions, const Caller& caller,
                                      const std::string& after, std::size_t limit) {
    const std::size_t colon = after.find(':');
    const std::string name = after.substr(0, colon);
    std::vector<FunctionPtr> found;
    if (colon != std::string::npos) {
        const std::int64_t seen = version_number(after.substr(colon + 1)).value_or(0);
        for (FunctionPtr& version : functions.versions({caller.account, caller.region, name})) {
            if (version_number(version->version).value_or(0) > seen)
                found.push_back(std::move(version));
        }
    }
    for (const FunctionPtr& function : functions.list(caller, name, limit + 1)) {
        if (found.size() > limit) break;
        for (FunctionPtr& version : functions.versions(function->id()))
            found.push_back(std::move(version));
    }
    return found;
}

Task<Result<Output>> list_functions(Lambda& lambda, Caller caller, Input input) {
    Bytes after;
    if (input.marker && !input.marker->empty()) {
        auto decoded = base64_decode(*input.marker);
        if (!decoded) co_return fail("InvalidParameterValueException", "Invalid marker", 400);
        after = *std::move(decoded);
    }
    const auto limit = static_cast<std::size_t>(
        std::min(input.max_items.value_or(page_items_max), page_items_max));
    const bool with_versions = input.function_version.has_value();
    std::vector<FunctionPtr> found = with_versions
                                         ? all_versions(lambda.functions(), caller, after, limit)
                                         : lambda.functions().list(caller, after, limit + 1);
    Output output;
    if (found.size() > limit) {
        found.resize(limit);
        output.next_marker = marker_of(*found.back(), with_versions);
    }
    for (const FunctionPtr& function : found) {
        output.functions.push_back(
            configuration_of(*function, with_versions ? Shown::listed_version : Shown::listed));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_functions_operation;
const wire::Operation list_functions_operation = wire::operation<&list_functions>(
    "ListFunctions", {.method = "GET", .path = "/2015-03-31/functions"});

}  // namespace mill::lambda
