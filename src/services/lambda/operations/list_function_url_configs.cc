// SPDX-License-Identifier: Apache-2.0
// ListFunctionUrlConfigs: of the function itself first, then of its aliases by name. The marker is
// the last alias of the page before, or $LATEST, which comes before all names.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionUrlConfigs.html
#include "services/lambda/lambda.h"
#include "services/lambda/urls/function_urls.h"

namespace mill::lambda {
namespace {

constexpr std::int64_t page_items_max = 50;

struct Input {
    std::optional<std::string> function_name, marker;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        return wire::structure(
            "ListFunctionUrlConfigsRequest",
            wire::member<&Input::function_name>("FunctionName").required().uri(),
            wire::member<&Input::marker>("Marker").query("Marker"),
            wire::member<&Input::max_items>("MaxItems").range(1, page_items_max).query("MaxItems"));
    }
};

struct Output {
    std::vector<UrlConfig> configs;
    std::optional<std::string> next_marker;
    static constexpr auto shape() {
        return wire::structure("ListFunctionUrlConfigsResponse",
                               wire::member<&Output::configs>("FunctionUrlConfigs"),
                               wire::member<&Output::next_marker>("NextMarker"));
    }
};

Task<Result<Output>> list_function_url_configs(Lambda& lambda, Caller caller, Input input) {
    MILL_CO_TRY(const FunctionReference function,
                parse_function_name(caller, *input.function_name, ""));
    MILL_CO_CHECK(lambda.functions().find({function.id, ""}));
    const auto limit = static_cast<std::size_t>(input.max_items.value_or(page_items_max));
    Output output;
    std::string last;
    for (const FunctionUrlPtr& url : lambda.urls().list(function.id)) {
        if (input.marker && !input.marker->empty() && url->qualifier <= *input.marker) continue;
        if (output.configs.size() == limit) {
            output.next_marker = last.empty() ? std::string(latest_version) : last;
            break;
        }
        output.configs.push_back(lambda.urls().describe(*url, caller));
        last = url->qualifier;
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_function_url_configs_operation;
const wire::Operation list_function_url_configs_operation =
    wire::operation<&list_function_url_configs>(
        "ListFunctionUrlConfigs",
        {.method = "GET", .path = "/2021-10-31/functions/{FunctionName}/urls"});

}  // namespace mill::lambda
