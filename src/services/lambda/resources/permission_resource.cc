// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/functions.h"
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"

namespace mill::lambda {
namespace {

// As the template says it, and as the Table keeps it.
struct Permission {
    std::optional<std::string> action, function_name, principal, principal_org_id, source_account,
        source_arn, event_source_token, function_url_auth_type;
    std::optional<bool> invoked_via_function_url;
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
                               wire::member<&P::invoked_via_function_url>("InvokedViaFunctionUrl"));
    }
};

std::string key_of(const Caller& caller, const std::string& id) {
    return "lambda/permission/" + caller.account + "/" + caller.region + "/" + id;
}

}  // namespace

Task<Result<ports::Resource>> create_permission_resource(Lambda& lambda, storage::Table& table,
                                                         ports::ResourceRequest request) {
    const wire::Structure& structure = wire::structure_of<Permission>();
    MILL_CO_CHECK(fit(structure, request.properties));
    MILL_CO_TRY(const Permission permission,
                wire::decode_as<Permission>(std::move(request.properties)));
    MILL_CO_CHECK(wire::check(structure, &permission));
    MILL_CO_TRY(const FunctionReference reference,
                parse_function_name(request.caller, *permission.function_name, ""));
    MILL_CO_CHECK(lambda.functions().find(reference));
    storage::Table::Commit commit;
    commit.puts = {{key_of(request.caller, request.generated_name), wire::to_json(permission)}};
    MILL_CO_CHECK(co_await table.commit(std::move(commit)));
    ports::Resource resource{.physical_id = request.generated_name};
    resource.attributes["Id"] = request.generated_name;
    co_return resource;
}

Task<Result<void>> remove_permission_resource(storage::Table& table, ports::ResourceRequest request,
                                              std::string physical_id) {
    storage::Table::Commit commit;
    commit.erases = {key_of(request.caller, physical_id)};
    co_return co_await table.commit(std::move(commit));
}

}  // namespace mill::lambda
