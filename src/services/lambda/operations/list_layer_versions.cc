// SPDX-License-Identifier: Apache-2.0
// ListLayerVersions: the newest first; none of a layer that there is not. The marker is the last
// number of the page before.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListLayerVersions.html
#include <charconv>

#include "services/lambda/lambda.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

struct Input {
    std::optional<std::string> runtime, layer_name, marker, architecture;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        return wire::structure("ListLayerVersionsRequest", runtime_filter_member<&Input::runtime>(),
                               layer_name_member<&Input::layer_name>(),
                               wire::member<&Input::marker>("Marker").query("Marker"),
                               layer_items_member<&Input::max_items>(),
                               architecture_filter_member<&Input::architecture>());
    }
};

struct Output {
    std::optional<std::string> next_marker;
    std::vector<LayerVersionItem> versions;
    static constexpr auto shape() {
        return wire::structure("ListLayerVersionsResponse",
                               wire::member<&Output::next_marker>("NextMarker"),
                               wire::member<&Output::versions>("LayerVersions"));
    }
};

Result<std::int64_t> number_before(const std::optional<std::string>& marker) {
    if (!marker || marker->empty()) return wire::unbounded_above;
    std::int64_t number = 0;
    const char* const end = marker->data() + marker->size();
    if (std::from_chars(marker->data(), end, number).ptr != end)
        return fail("InvalidParameterValueException", "Invalid marker", 400);
    return number;
}

Task<Result<Output>> list_layer_versions(Lambda& lambda, Caller caller, Input input) {
    MILL_CO_TRY(const std::int64_t before, number_before(input.marker));
    const auto limit = static_cast<std::size_t>(input.max_items.value_or(layer_page_items_max));
    Output output;
    for (const LayerVersionPtr& layer :
         lambda.layers().versions(layer_of(caller, *input.layer_name), before,
                                  {input.runtime, input.architecture}, limit + 1)) {
        if (output.versions.size() == limit) {
            output.next_marker = std::to_string(output.versions.back().version);
            break;
        }
        output.versions.push_back(listed(*layer));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_layer_versions_operation;
const wire::Operation list_layer_versions_operation = wire::operation<&list_layer_versions>(
    "ListLayerVersions", {.method = "GET", .path = layer_versions_path});

}  // namespace mill::lambda
