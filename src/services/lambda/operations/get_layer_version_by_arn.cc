// SPDX-License-Identifier: Apache-2.0
// GetLayerVersionByArn: https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionByArn.html
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

struct Input {
    std::optional<std::string> arn;
    static constexpr auto shape() {
        return wire::structure("GetLayerVersionByArnRequest",
                               wire::member<&Input::arn>("Arn")
                                   .required()
                                   .length(1, 140)
                                   .pattern("arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:["
                                            "a-zA-Z0-9-_]+:[0-9]+")
                                   .query("Arn"));
    }
};

Task<Result<LayerVersionOutput>> get_layer_version_by_arn(Lambda& lambda, Caller, Input input) {
    const auto reference = parse_layer_version_arn(*input.arn);
    MILL_CO_TRY(const LayerVersionPtr layer,
                lambda.layers().find(reference.value_or(LayerReference())));
    co_return describe(*layer);
}

}  // namespace

extern const wire::Operation get_layer_version_by_arn_operation;
const wire::Operation get_layer_version_by_arn_operation =
    wire::operation<&get_layer_version_by_arn>(
        "GetLayerVersionByArn",
        {.method = "GET", .path = layers_path, .required_query = "find=LayerVersion"});

}  // namespace mill::lambda
