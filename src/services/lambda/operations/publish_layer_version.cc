// SPDX-License-Identifier: Apache-2.0
// PublishLayerVersion: keeps and extracts the zip, then the version. Durable when answered.
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

Task<Result<LayerVersionOutput>> publish_layer_version(Lambda& lambda, Caller caller,
                                                       PublishLayerVersionInput input) {
    LayerId id = layer_of(caller, *input.layer_name);
    MILL_CO_TRY(const LayerVersionPtr layer,
                co_await lambda.layers().publish(std::move(id), std::move(input)));
    co_return describe(*layer);
}

}  // namespace

extern const wire::Operation publish_layer_version_operation;
const wire::Operation publish_layer_version_operation = wire::operation<&publish_layer_version>(
    "PublishLayerVersion", {.method = "POST", .path = layer_versions_path, .status = 201});

}  // namespace mill::lambda
