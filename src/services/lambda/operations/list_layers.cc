// SPDX-License-Identifier: Apache-2.0
// ListLayers: by name, each with the newest version that matches; those without one are left out.
// The marker is the last name of the page before.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListLayers.html
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

struct Input {
    std::optional<std::string> runtime, marker, architecture;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        return wire::structure("ListLayersRequest", runtime_filter_member<&Input::runtime>(),
                               wire::member<&Input::marker>("Marker").query("Marker"),
                               layer_items_member<&Input::max_items>(),
                               architecture_filter_member<&Input::architecture>());
    }
};

struct Item {
    std::string name, arn;
    LayerVersionItem latest;
    static constexpr auto shape() {
        return wire::structure("LayersListItem", wire::member<&Item::name>("LayerName"),
                               wire::member<&Item::arn>("LayerArn"),
                               wire::member<&Item::latest>("LatestMatchingVersion"));
    }
};

struct Output {
    std::optional<std::string> next_marker;
    std::vector<Item> layers;
    static constexpr auto shape() {
        return wire::structure("ListLayersResponse",
                               wire::member<&Output::next_marker>("NextMarker"),
                               wire::member<&Output::layers>("Layers"));
    }
};

Task<Result<Output>> list_layers(Lambda& lambda, Caller caller, Input input) {
    const auto limit = static_cast<std::size_t>(input.max_items.value_or(layer_page_items_max));
    Output output;
    for (const LayerVersionPtr& layer : lambda.layers().newest(
             caller, input.marker.value_or(""), {input.runtime, input.architecture}, limit + 1)) {
        if (output.layers.size() == limit) {
            output.next_marker = output.layers.back().name;
            break;
        }
        output.layers.push_back({layer->name, layer->id().arn(), listed(*layer)});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_layers_operation;
const wire::Operation list_layers_operation =
    wire::operation<&list_layers>("ListLayers", {.method = "GET", .path = layers_path});

}  // namespace mill::lambda
