// SPDX-License-Identifier: Apache-2.0
// DeleteLayerVersion: functions that use the version go on with it.
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteLayerVersion.html
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

Task<Result<wire::Empty>> delete_layer_version(Lambda& lambda, Caller caller,
                                               LayerVersionInput input) {
    MILL_CO_CHECK(
        co_await lambda.layers().remove({layer_of(caller, *input.layer_name), *input.version}));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_layer_version_operation;
const wire::Operation delete_layer_version_operation = wire::operation<&delete_layer_version>(
    "DeleteLayerVersion", {.method = "DELETE", .path = layer_version_path, .status = 204});

}  // namespace mill::lambda
