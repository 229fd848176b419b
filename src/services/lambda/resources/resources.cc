// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/resources/resources.h"

#include "services/lambda/resources/properties.h"

namespace mill::lambda {
namespace {

constexpr std::string_view function_type = "AWS::Lambda::Function";
constexpr std::string_view mapping_type = "AWS::Lambda::EventSourceMapping";
constexpr std::string_view permission_type = "AWS::Lambda::Permission";
constexpr std::string_view all_types[] = {function_type, mapping_type, permission_type};

}  // namespace

std::span<const std::string_view> Lambda::types() const { return all_types; }

Task<Result<ports::Resource>> Lambda::create(ports::ResourceRequest request) {
    if (request.type == function_type)
        co_return co_await create_function_resource(*this, std::move(request));
    if (request.type == mapping_type)
        co_return co_await create_mapping_resource(*this, std::move(request));
    co_return co_await create_permission_resource(*this, table_, std::move(request));
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
    co_return needs_replacement("a permission");  // AWS replaces it on any change
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
    co_return co_await remove_permission_resource(table_, std::move(request),
                                                  std::move(physical_id));
}

}  // namespace mill::lambda
