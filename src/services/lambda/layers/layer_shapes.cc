// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/layers/layer_shapes.h"

#include <algorithm>

namespace mill::lambda {
namespace {

// AWS leaves out what was not given.
std::optional<std::vector<std::string>> unless_empty(const std::vector<std::string>& list) {
    if (list.empty()) return std::nullopt;
    return list;
}

std::optional<std::string> unless_empty(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

bool holds(const std::vector<std::string>& list, const std::optional<std::string>& wanted) {
    return !wanted || std::ranges::find(list, *wanted) != list.end();
}

}  // namespace

LayerVersionOutput describe(const LayerVersion& layer) {
    return {.content = {base64_of_hex(layer.code_sha256), layer.code_bytes},
            .layer_arn = layer.id().arn(),
            .layer_version_arn = layer.arn(),
            .description = layer.description,
            .created = layer.created,
            .version = layer.version,
            .runtimes = unless_empty(layer.runtimes),
            .architectures = unless_empty(layer.architectures),
            .license = unless_empty(layer.license)};
}

LayerVersionItem listed(const LayerVersion& layer) {
    return {.layer_version_arn = layer.arn(),
            .description = layer.description,
            .created = layer.created,
            .version = layer.version,
            .runtimes = unless_empty(layer.runtimes),
            .architectures = unless_empty(layer.architectures),
            .license = unless_empty(layer.license)};
}

bool LayerFilter::takes(const LayerVersion& layer) const {
    return holds(layer.runtimes, runtime) && holds(layer.architectures, architecture);
}

}  // namespace mill::lambda
