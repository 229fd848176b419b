// SPDX-License-Identifier: Apache-2.0
// AWS::Lambda::LayerVersion and AWS::Lambda::LayerVersionPermission: any change makes a new one.
#include "services/lambda/layers/layers.h"
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"

namespace mill::lambda {
namespace {

constexpr std::string_view version_create_only[] = {"CompatibleArchitectures",
                                                    "CompatibleRuntimes",
                                                    "Content",
                                                    "Description",
                                                    "LayerName",
                                                    "LicenseInfo"};
constexpr std::string_view permission_create_only[] = {"Action", "LayerVersionArn",
                                                       "OrganizationId", "Principal"};

struct PermissionProperties {
    std::optional<std::string> action, layer_version_arn, organization, principal;
    static constexpr auto shape() {
        using P = PermissionProperties;
        using wire::member;
        return wire::structure("AWS::Lambda::LayerVersionPermission",
                               member<&P::action>("Action").required(),
                               member<&P::layer_version_arn>("LayerVersionArn").required(),
                               member<&P::organization>("OrganizationId"),
                               member<&P::principal>("Principal").required());
    }
};

Task<Result<ports::Resource>> create_layer_version(Lambda& lambda, ports::ResourceRequest request) {
    set_default(request.properties, "LayerName", request.generated_name);
    MILL_CO_TRY(auto input,
                ports::read_properties<PublishLayerVersionInput>(std::move(request.properties)));
    LayerId id = layer_of(request.caller, *input.layer_name);
    MILL_CO_TRY(const LayerVersionPtr layer,
                co_await lambda.layers().publish(std::move(id), std::move(input)));
    ports::Resource resource{.physical_id = layer->arn()};
    resource.attributes["LayerVersionArn"] = layer->arn();
    co_return resource;
}

Task<Result<void>> remove_layer_version(Lambda& lambda, ports::ResourceRequest,
                                        std::string physical_id) {
    auto reference = parse_layer_version_arn(physical_id);
    if (!reference) co_return Result<void>();
    co_return co_await lambda.layers().remove(*std::move(reference));
}

// What Ref gives is "<layer version ARN>#<statement id>".
Task<Result<ports::Resource>> create_layer_permission(Lambda& lambda,
                                                      ports::ResourceRequest request) {
    MILL_CO_TRY(auto properties,
                ports::read_properties<PermissionProperties>(std::move(request.properties)));
    const std::string& arn = *properties.layer_version_arn;
    const LayerReference reference = parse_layer_version_arn(arn).value_or(LayerReference{{}, 1});
    if (!lambda.layers().find(reference)) co_return std::unexpected(layer_version_missing(arn));
    LayerStatement statement{request.generated_name, *properties.action, *properties.principal,
                             properties.organization};
    ports::Resource resource{.physical_id = arn + "#" + statement.id};
    resource.attributes["Id"] = resource.physical_id;
    const auto added =
        co_await lambda.layers().add_statement(reference, std::move(statement), std::nullopt);
    // Nobody else has this name: it was added before a crash.
    if (!added && added.error().code != "ResourceConflictException")
        co_return std::unexpected(added.error());
    co_return resource;
}

Task<Result<void>> remove_layer_permission(Lambda& lambda, ports::ResourceRequest,
                                           std::string physical_id) {
    const std::size_t hash = physical_id.find('#');
    const auto reference = parse_layer_version_arn(physical_id.substr(0, hash));
    if (hash == std::string::npos || !reference) co_return Result<void>();
    auto removed = co_await lambda.layers().remove_statement(
        *reference, physical_id.substr(hash + 1), std::nullopt);
    if (!removed && removed.error().code == "ResourceNotFoundException") co_return Result<void>();
    co_return removed;
}

}  // namespace

const ResourceType layer_version_resource{"AWS::Lambda::LayerVersion", version_create_only,
                                          &create_layer_version, nullptr, &remove_layer_version};
const ResourceType layer_permission_resource{"AWS::Lambda::LayerVersionPermission",
                                             permission_create_only, &create_layer_permission,
                                             nullptr, &remove_layer_permission};

}  // namespace mill::lambda
