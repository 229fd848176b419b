// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/own_resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mill::cloudformation {

namespace {

constexpr std::string_view handle_type = "AWS::CloudFormation::WaitConditionHandle";
constexpr std::array<std::string_view, 2> own_types = {handle_type, "AWS::CDK::Metadata"};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

// "AWS::Events::Rule" → "arn:aws:events:us-east-1:000000000000:rule/NAME"
std::string arn_of(const ports::ResourceRequest& request, const std::string& name) {
    std::string_view rest = request.type;
    rest.remove_prefix(std::min(rest.size(), std::string_view("AWS::").size()));
    const std::size_t colons = rest.find("::");
    const std::string_view kind = colons == rest.npos ? rest : rest.substr(colons + 2);
    return fmt::format("arn:aws:{}:{}:{}:{}/{}", lower(rest.substr(0, colons)),
                       request.caller.region, request.caller.account, lower(kind), name);
}

ports::Resource placeholder(const ports::ResourceRequest& request, std::string id) {
    ports::Resource resource;
    resource.attributes["Arn"] = arn_of(request, id);
    resource.physical_id = std::move(id);
    return resource;
}

// Nothing is listening there: Millrace has no AWS::CloudFormation::WaitCondition.
std::string handle_url(const ports::ResourceRequest& request) {
    return fmt::format("https://cloudformation-waitcondition-{}.s3.{}.amazonaws.com/{}/{}",
                       request.caller.region, request.caller.region, request.stack_id,
                       request.generated_name);
}

}  // namespace

std::span<const std::string_view> OwnResources::types() const { return own_types; }

Task<Result<ports::Resource>> OwnResources::create(ports::ResourceRequest request) {
    if (request.type == handle_type) co_return ports::Resource{.physical_id = handle_url(request)};
    const std::string kind = request.type.substr(request.type.rfind(':') + 1);
    std::string name = text_of(request.properties, kind + "Name",
                               text_of(request.properties, "Name", request.generated_name));
    co_return placeholder(request, std::move(name));
}

Task<Result<ports::Resource>> OwnResources::update(ports::ResourceRequest request,
                                                   std::string physical_id,
                                                   wire::Value /*old_properties*/) {
    if (request.type == handle_type) co_return ports::Resource{.physical_id = physical_id};
    co_return placeholder(request, std::move(physical_id));
}

Task<Result<void>> OwnResources::remove(ports::ResourceRequest, std::string) {
    co_return Result<void>();
}

}  // namespace mill::cloudformation
