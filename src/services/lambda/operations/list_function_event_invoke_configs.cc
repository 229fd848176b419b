// SPDX-License-Identifier: Apache-2.0
// ListFunctionEventInvokeConfigs: $LATEST first, then versions and aliases. The marker is the last
// qualifier of the page before.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionEventInvokeConfigs.html
#include "services/lambda/invocations/event_invoke_config.h"

namespace mill::lambda {
namespace {

constexpr std::int64_t page_items_max = 50;

struct ListFunctionEventInvokeConfigsInput {
    std::optional<std::string> function_name, marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListFunctionEventInvokeConfigsInput;
        return wire::structure(
            "ListFunctionEventInvokeConfigsRequest",
            wire::member<&I::function_name>("FunctionName").required().uri(),
            wire::member<&I::marker>("Marker").query("Marker"),
            wire::member<&I::max_items>("MaxItems").query("MaxItems").range(1, page_items_max));
    }
};

struct ListFunctionEventInvokeConfigsOutput {
    std::vector<EventInvokeConfig> configs;
    std::optional<std::string> next_marker;

    static constexpr auto shape() {
        using O = ListFunctionEventInvokeConfigsOutput;
        return wire::structure("ListFunctionEventInvokeConfigsResponse",
                               wire::member<&O::configs>("FunctionEventInvokeConfigs"),
                               wire::member<&O::next_marker>("NextMarker"));
    }
};

Task<Result<ListFunctionEventInvokeConfigsOutput>> list_function_event_invoke_configs(
    Lambda& lambda, Caller caller, ListFunctionEventInvokeConfigsInput input) {
    MILL_CO_TRY(const auto function,
                event_function(lambda, caller, input.function_name, std::nullopt));
    MILL_CO_TRY(auto all, all_event_settings(lambda.table(), function.id));
    // By the name, not the place: it may be gone meanwhile. $LATEST comes before all others.
    std::erase_if(all, [&](const QualifiedSettings& one) {
        return input.marker && one.qualifier <= *input.marker;
    });
    const auto limit = static_cast<std::size_t>(input.max_items.value_or(page_items_max));
    ListFunctionEventInvokeConfigsOutput output;
    if (all.size() > limit) {
        all.resize(limit);
        output.next_marker = all.back().qualifier;
    }
    for (const QualifiedSettings& one : all)
        output.configs.push_back(describe({function.id, one.qualifier}, one.settings));
    co_return output;
}

}  // namespace

extern const wire::Operation list_function_event_invoke_configs_operation;
const wire::Operation list_function_event_invoke_configs_operation =
    wire::operation<&list_function_event_invoke_configs>(
        "ListFunctionEventInvokeConfigs",
        {.method = "GET", .path = "/2019-09-25/functions/{FunctionName}/event-invoke-config/list"});

}  // namespace mill::lambda
