// SPDX-License-Identifier: Apache-2.0
// RemoveLayerVersionPermission:
// https://docs.aws.amazon.com/lambda/latest/api/API_RemoveLayerVersionPermission.html
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

struct Input {
    std::optional<std::string> layer_name, statement, revision;
    std::optional<std::int64_t> version;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("RemoveLayerVersionPermissionRequest",
                               layer_name_member<&Input::layer_name>(),
                               member<&Input::version>("VersionNumber").required().uri(),
                               member<&Input::statement>("StatementId")
                                   .required()
                                   .length(1, 100)
                                   .pattern("([a-zA-Z0-9-_]+)")
                                   .uri(),
                               member<&Input::revision>("RevisionId").query("RevisionId"));
    }
};

Task<Result<wire::Empty>> remove_layer_version_permission(Lambda& lambda, Caller caller,
                                                          Input input) {
    MILL_CO_CHECK(co_await lambda.layers().remove_statement(
        {layer_of(caller, *input.layer_name), *input.version}, *std::move(input.statement),
        std::move(input.revision)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation remove_layer_version_permission_operation;
const wire::Operation remove_layer_version_permission_operation =
    wire::operation<&remove_layer_version_permission>(
        "RemoveLayerVersionPermission",
        {.method = "DELETE",
         .path = "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}",
         .status = 204});

}  // namespace mill::lambda
