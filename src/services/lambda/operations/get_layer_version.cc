// SPDX-License-Identifier: Apache-2.0
// GetLayerVersion. Content has no Location: the zip is not reachable by URL.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

Task<Result<LayerVersionOutput>> get_layer_version(Lambda& lambda, Caller caller,
                                                   LayerVersionInput input) {
    MILL_CO_TRY(const LayerVersionPtr layer,
                lambda.layers().find({layer_of(caller, *input.layer_name), *input.version}));
    co_return describe(*layer);
}

}  // namespace

extern const wire::Operation get_layer_version_operation;
const wire::Operation get_layer_version_operation = wire::operation<&get_layer_version>(
    "GetLayerVersion", {.method = "GET", .path = layer_version_path});

}  // namespace mill::lambda
