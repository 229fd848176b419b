// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/resources/resources.h"

#include "services/lambda/resources/properties.h"

namespace mill::lambda {
namespace {

constexpr std::string_view function_type = "AWS::Lambda::Function";
constexpr std::string_view mapping_type = "AWS::Lambda::EventSourceMapping";
constexpr std::string_view permission_type = "AWS::Lambda::Permission";
constexpr std::string_view event_config_type = "AWS::Lambda::EventInvokeConfig";
constexpr std::string_view layer_type = "AWS::Lambda::LayerVersion";
constexpr std::string_view layer_permission_type = "AWS::Lambda::LayerVersionPermission";
constexpr std::string_view url_type = "AWS::Lambda::Url";
constexpr std::string_view version_type = "AWS::Lambda::Version";
constexpr std::string_view alias_type = "AWS::Lambda::Alias";
constexpr std::string_view all_types[] = {function_type,     mapping_type,          permission_type,
                                          event_config_type, version_type,          alias_type,
                                          layer_type,        layer_permission_type, url_type};

constexpr std::string_view function_create_only[] = {"FunctionName", "PackageType"};
constexpr std::string_view mapping_create_only[] = {"EventSourceArn", "StartingPosition",
                                                    "StartingPositionTimestamp"};
constexpr std::string_view event_config_create_only[] = {"FunctionName", "Qualifier"};
constexpr std::string_view url_create_only[] = {"TargetFunctionArn", "Qualifier"};
// AWS replaces these on any change.
constexpr std::string_view layer_create_only[] = {"CompatibleArchitectures",
                                                  "CompatibleRuntimes",
                                                  "Content",
                                                  "Description",
                                                  "LayerName",
                                                  "LicenseInfo"};
constexpr std::string_view layer_permission_create_only[] = {"Action", "LayerVersionArn",
                                                             "OrganizationId", "Principal"};
constexpr std::string_view permission_create_only[] = {
    "Action",         "EventSourceToken", "FunctionName", "FunctionUrlAuthType",  "Principal",
    "PrincipalOrgID", "SourceAccount",    "SourceArn",    "InvokedViaFunctionUrl"};

}  // namespace

std::span<const std::string_view> Lambda::types() const { return all_types; }

std::span<const std::string_view> Lambda::create_only(std::string_view type) const {
    if (type == function_type) return function_create_only;
    if (type == mapping_type) return mapping_create_only;
    if (type == event_config_type) return event_config_create_only;
    if (type == url_type) return url_create_only;
    if (type == layer_type) return layer_create_only;
    if (type == layer_permission_type) return layer_permission_create_only;
    if (type == version_type) return version_create_only;
    if (type == alias_type) return alias_create_only;
    return permission_create_only;
}

Task<Result<ports::Resource>> Lambda::create(ports::ResourceRequest request) {
    if (request.type == function_type)
        co_return co_await create_function_resource(*this, std::move(request));
    if (request.type == mapping_type)
        co_return co_await create_mapping_resource(*this, std::move(request));
    if (request.type == event_config_type)
        co_return co_await create_event_invoke_config_resource(*this, std::move(request));
    if (request.type == url_type) co_return co_await create_url_resource(*this, std::move(request));
    if (request.type == layer_type)
        co_return co_await create_layer_version_resource(*this, std::move(request));
    if (request.type == layer_permission_type)
        co_return co_await create_layer_permission_resource(*this, std::move(request));
    if (request.type == version_type)
        co_return co_await create_version_resource(*this, std::move(request));
    if (request.type == alias_type)
        co_return co_await create_alias_resource(*this, std::move(request));
    co_return co_await create_permission_resource(*this, std::move(request));
}

Task<Result<ports::Resource>> Lambda::update(ports::ResourceRequest request,
                                             std::string physical_id, wire::Value old_properties) {
    if (request.type == function_type) {
        co_return co_await update_function_resource(
            *this, std::move(request), std::move(physical_id), std::move(old_properties));
    }
    if (request.type == mapping_type) {
        co_return co_await update_mapping_resource(
            *this, std::move(request), std::move(physical_id), std::move(old_properties));
    }
    if (request.type == event_config_type) {
        co_return co_await update_event_invoke_config_resource(*this, std::move(request),
                                                               std::move(old_properties));
    }
    if (request.type == url_type)
        co_return co_await update_url_resource(*this, std::move(request),
                                               std::move(old_properties));
    if (request.type == version_type) {
        co_return co_await update_version_resource(
            *this, std::move(request), std::move(physical_id), std::move(old_properties));
    }
    if (request.type == alias_type) {
        co_return co_await update_alias_resource(*this, std::move(request),
                                                 std::move(old_properties));
    }
    co_return needs_replacement(request.type == layer_type ? "a layer version" : "a permission");
}

Task<Result<void>> Lambda::remove(ports::ResourceRequest request, std::string physical_id) {
    if (request.type == function_type) {
        co_return co_await remove_function_resource(*this, std::move(request),
                                                    std::move(physical_id));
    }
    if (request.type == mapping_type) {
        co_return co_await remove_mapping_resource(*this, std::move(request),
                                                   std::move(physical_id));
    }
    if (request.type == event_config_type) {
        co_return co_await remove_event_invoke_config_resource(*this, std::move(request),
                                                               std::move(physical_id));
    }
    if (request.type == url_type)
        co_return co_await remove_url_resource(*this, std::move(request), std::move(physical_id));
    if (request.type == layer_type)
        co_return co_await remove_layer_version_resource(*this, std::move(physical_id));
    if (request.type == layer_permission_type)
        co_return co_await remove_layer_permission_resource(*this, std::move(physical_id));
    if (request.type == version_type) {
        co_return co_await remove_version_resource(*this, std::move(request),
                                                   std::move(physical_id));
    }
    if (request.type == alias_type) {
        co_return co_await remove_alias_resource(*this, std::move(request), std::move(physical_id));
    }
    co_return co_await remove_permission_resource(*this, std::move(request),
                                                  std::move(physical_id));
}

}  // namespace mill::lambda
