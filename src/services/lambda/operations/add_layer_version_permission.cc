// SPDX-License-Identifier: Apache-2.0
// AddLayerVersionPermission: kept and shown; every account of this machine may use every layer.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layer_policy.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

struct Input {
    std::optional<std::string> layer_name, statement, action, principal, organization, revision;
    std::optional<std::int64_t> version;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("AddLayerVersionPermissionRequest",
                               layer_name_member<&Input::layer_name>(),
                               member<&Input::version>("VersionNumber").required().uri(),
                               member<&Input::statement>("StatementId")
                                   .required()
                                   .length(1, 100)
                                   .pattern("([a-zA-Z0-9-_]+)"),
                               member<&Input::action>("Action").required().length(0, 22).pattern(
                                   "lambda:GetLayerVersion"),
                               member<&Input::principal>("Principal")
                                   .required()
                                   .pattern("\\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root"),
                               member<&Input::organization>("OrganizationId")
                                   .length(0, 34)
                                   .pattern("o-[a-z0-9]{10,32}"),
                               member<&Input::revision>("RevisionId").query("RevisionId"));
    }
};

struct Output {
    std::string statement, revision;
    static constexpr auto shape() {
        return wire::structure("AddLayerVersionPermissionResponse",
                               wire::member<&Output::statement>("Statement"),
                               wire::member<&Output::revision>("RevisionId"));
    }
};

Task<Result<Output>> add_layer_version_permission(Lambda& lambda, Caller caller, Input input) {
    LayerStatement statement{*input.statement, *input.action, *input.principal, input.organization};
    MILL_CO_TRY(const LayerVersionPtr changed,
                co_await lambda.layers().add_statement(
                    {layer_of(caller, *input.layer_name), *input.version}, std::move(statement),
                    std::move(input.revision)));
    co_return Output{statement_text(*changed, changed->policy.back()), changed->policy_revision};
}

}  // namespace

extern const wire::Operation add_layer_version_permission_operation;
const wire::Operation add_layer_version_permission_operation =
    wire::operation<&add_layer_version_permission>(
        "AddLayerVersionPermission", {.method = "POST", .path = layer_policy_path, .status = 201});

}  // namespace mill::lambda
