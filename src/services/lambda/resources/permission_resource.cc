// SPDX-License-Identifier: Apache-2.0
// AWS::Lambda::Permission: a statement of the policy, its id the generated name. Any change makes
// another.
#include "services/lambda/functions/functions.h"
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"

namespace mill::lambda {
namespace {

constexpr std::string_view create_only[] = {
    "Action",         "EventSourceToken", "FunctionName", "FunctionUrlAuthType",  "Principal",
    "PrincipalOrgID", "SourceAccount",    "SourceArn",    "InvokedViaFunctionUrl"};

struct Permission {
    std::optional<std::string> action, function_name, principal, principal_org_id, source_account,
        source_arn, event_source_token, function_url_auth_type;
    std::optional<bool> invoked_via_url;
    static constexpr auto shape() {
        using P = Permission;
        return wire::structure("Permission", wire::member<&P::action>("Action").required(),
                               wire::member<&P::function_name>("FunctionName").required(),
                               wire::member<&P::principal>("Principal").required(),
                               wire::member<&P::principal_org_id>("PrincipalOrgID"),
                               wire::member<&P::source_account>("SourceAccount"),
                               wire::member<&P::source_arn>("SourceArn"),
                               wire::member<&P::event_source_token>("EventSourceToken"),
                               wire::member<&P::function_url_auth_type>("FunctionUrlAuthType"),
                               wire::member<&P::invoked_via_url>("InvokedViaFunctionUrl"));
    }
};

// Until 2026-11 templates' permissions were rows of their own.
std::string older_row(const Caller& caller, const std::string& id) {
    return "lambda/permission/" + caller.account + "/" + caller.region + "/" + id;
}

Task<Result<ports::Resource>> create_permission(Lambda& lambda, ports::ResourceRequest request) {
    MILL_CO_TRY(Permission permission,
                ports::read_properties<Permission>(std::move(request.properties)));
    MILL_CO_TRY(const FunctionReference function,
                parse_function_name(request.caller, *permission.function_name, ""));
    Statement statement{.sid = request.generated_name,
                        .action = *std::move(permission.action),
                        .principal = *std::move(permission.principal),
                        .source_arn = std::move(permission.source_arn),
                        .source_account = std::move(permission.source_account),
                        .event_source_token = std::move(permission.event_source_token),
                        .principal_org_id = std::move(permission.principal_org_id),
                        .url_auth_type = std::move(permission.function_url_auth_type),
                        .invoked_via_url = permission.invoked_via_url};
    const auto added =
        co_await lambda.functions().add_permission(function, std::move(statement), std::nullopt);
    // Nobody else has this name: it was added before a crash.
    if (!added && added.error().code != "ResourceConflictException")
        co_return std::unexpected(added.error());
    ports::Resource resource{.physical_id = request.generated_name};
    resource.attributes["Id"] = request.generated_name;
    co_return resource;
}

Task<Result<void>> remove_permission(Lambda& lambda, ports::ResourceRequest request,
                                     std::string physical_id) {
    storage::Table::Commit commit;
    commit.erases = {older_row(request.caller, physical_id)};
    MILL_CO_CHECK(co_await lambda.table().commit(std::move(commit)));
    MILL_CO_TRY(
        const FunctionReference function,
        parse_function_name(request.caller, wire::text_of(request.properties, "FunctionName"), ""));
    auto removed =
        co_await lambda.functions().remove_permission(function, std::move(physical_id), {});
    if (!removed && removed.error().code == "ResourceNotFoundException") co_return Result<void>();
    co_return removed;
}

}  // namespace

const ResourceType permission_resource{"AWS::Lambda::Permission", create_only, &create_permission,
                                       nullptr, &remove_permission};

}  // namespace mill::lambda
