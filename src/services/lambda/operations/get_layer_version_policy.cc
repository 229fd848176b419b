// SPDX-License-Identifier: Apache-2.0
// GetLayerVersionPolicy:
// https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionPolicy.html
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layer_policy.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

struct Output {
    std::string policy, revision;
    static constexpr auto shape() {
        return wire::structure("GetLayerVersionPolicyResponse",
                               wire::member<&Output::policy>("Policy"),
                               wire::member<&Output::revision>("RevisionId"));
    }
};

Task<Result<Output>> get_layer_version_policy(Lambda& lambda, Caller caller,
                                              LayerVersionInput input) {
    MILL_CO_TRY(const LayerVersionPtr layer,
                lambda.layers().find({layer_of(caller, *input.layer_name), *input.version}));
    if (layer->policy.empty()) {
        co_return fail("ResourceNotFoundException",
                       "No policy is associated with the given resource.", 404);
    }
    co_return Output{policy_text(*layer), layer->policy_revision};
}

}  // namespace

extern const wire::Operation get_layer_version_policy_operation;
const wire::Operation get_layer_version_policy_operation =
    wire::operation<&get_layer_version_policy>("GetLayerVersionPolicy",
                                               {.method = "GET", .path = layer_policy_path});

}  // namespace mill::lambda
