// SPDX-License-Identifier: Apache-2.0
// ListEventSourceMappings: by UUID, at most 100 a page; the marker is the last UUID of the page
// before. https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html
#include <algorithm>

#include "services/lambda/functions/function_name.h"
#include "services/lambda/lambda.h"
#include "services/lambda/mappings/mapping_options.h"
#include "services/lambda/mappings/mappings.h"

namespace mill::lambda {
namespace {

constexpr std::int64_t page_max = 100;

struct ListEventSourceMappingsInput {
    std::optional<std::string> event_source_arn;
    std::optional<std::string> function_name;
    std::optional<std::string> marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListEventSourceMappingsInput;
        return wire::structure(
            "ListEventSourceMappingsRequest",
            wire::member<&I::event_source_arn>("EventSourceArn")
                .pattern(source_arn_pattern)
                .query("EventSourceArn"),
            wire::member<&I::function_name>("FunctionName").query("FunctionName").length(1, 256),
            wire::member<&I::marker>("Marker").query("Marker"),
            wire::member<&I::max_items>("MaxItems").query("MaxItems").range(1, 10000));
    }
};

struct ListEventSourceMappingsOutput {
    std::optional<std::string> next_marker;
    std::vector<MappingDescription> mappings;

    static constexpr auto shape() {
        using O = ListEventSourceMappingsOutput;
        return wire::structure("ListEventSourceMappingsResponse",
                               wire::member<&O::next_marker>("NextMarker"),
                               wire::member<&O::mappings>("EventSourceMappings"));
    }
};

Task<Result<ListEventSourceMappingsOutput>> list_event_source_mappings(
    Lambda& lambda, Caller caller, ListEventSourceMappingsInput input) {
    std::string function_arn;
    if (input.function_name) {
        MILL_CO_TRY(const auto function, parse_function_name(caller, *input.function_name, ""));
        function_arn = function.arn();
    }
    auto all = lambda.mappings().list(caller, input.event_source_arn.value_or(""), function_arn);
    const std::string after = input.marker.value_or("");
    std::erase_if(all, [&](const MappingDescription& mapping) { return mapping.uuid <= after; });
    ListEventSourceMappingsOutput output{.mappings = std::move(all)};
    const auto page =
        static_cast<std::size_t>(std::min(input.max_items.value_or(page_max), page_max));
    if (output.mappings.size() > page) {
        output.mappings.resize(page);
        output.next_marker = output.mappings.back().uuid;
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_event_source_mappings_operation;
const wire::Operation list_event_source_mappings_operation =
    wire::operation<&list_event_source_mappings>(
        "ListEventSourceMappings", {.method = "GET", .path = "/2015-03-31/event-source-mappings"});

}  // namespace mill::lambda
