// SPDX-License-Identifier: Apache-2.0
// AddPermission: kept and shown, not enforced.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/functions/policy.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

constexpr std::string_view url_auth_types[] = {"NONE", "AWS_IAM"};

struct AddPermissionInput {
    std::optional<std::string> function_name, sid, action, principal, source_arn, source_account,
        event_source_token, qualifier, revision_id, principal_org_id, url_auth_type;
    std::optional<bool> invoked_via_url;

    static constexpr auto shape() {
        using I = AddPermissionInput;
        using wire::member;
        return wire::structure(
            "AddPermissionRequest", member<&I::function_name>("FunctionName").required().uri(),
            member<&I::sid>("StatementId").required().length(1, 100).pattern("([a-zA-Z0-9-_]+)"),
            member<&I::action>("Action").required().pattern("(lambda:[*]|lambda:[a-zA-Z]+|[*])"),
            member<&I::principal>("Principal").required().pattern("[^\\s]+"),
            member<&I::source_arn>("SourceArn")
                .pattern(
                    "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:("
                    "\\d{12})?:(.*)"),
            member<&I::source_account>("SourceAccount").length(0, 12).pattern("\\d{12}"),
            member<&I::event_source_token>("EventSourceToken")
                .length(0, 256)
                .pattern("[a-zA-Z0-9._\\-]+"),
            member<&I::qualifier>("Qualifier").query("Qualifier"),
            member<&I::revision_id>("RevisionId"),
            member<&I::principal_org_id>("PrincipalOrgID")
                .length(12, 34)
                .pattern("o-[a-z0-9]{10,32}"),
            member<&I::url_auth_type>("FunctionUrlAuthType").one_of(url_auth_types),
            member<&I::invoked_via_url>("InvokedViaFunctionUrl"));
    }
};

struct AddPermissionOutput {
    std::string statement;
    static constexpr auto shape() {
        return wire::structure("AddPermissionResponse",
                               wire::member<&AddPermissionOutput::statement>("Statement"));
    }
};

Task<Result<AddPermissionOutput>> add_permission(Lambda& lambda, Caller caller,
                                                 AddPermissionInput input) {
    MILL_CO_TRY(const FunctionReference function,
                parse_function_name(caller, *input.function_name, input.qualifier.value_or("")));
    Statement statement{.sid = *std::move(input.sid),
                        .action = *std::move(input.action),
                        .principal = *std::move(input.principal),
                        .source_arn = std::move(input.source_arn),
                        .source_account = std::move(input.source_account),
                        .event_source_token = std::move(input.event_source_token),
                        .principal_org_id = std::move(input.principal_org_id),
                        .url_auth_type = std::move(input.url_auth_type),
                        .invoked_via_url = input.invoked_via_url};
    AddPermissionOutput output{wire::write_json(document_of(function, statement))};
    MILL_CO_CHECK(co_await lambda.functions().add_permission(function, std::move(statement),
                                                             std::move(input.revision_id)));
    co_return output;
}

}  // namespace

extern const wire::Operation add_permission_operation;
const wire::Operation add_permission_operation = wire::operation<&add_permission>(
    "AddPermission", {.method = "POST", .path = policy_path, .status = 201});

}  // namespace mill::lambda
