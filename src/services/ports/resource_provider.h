// SPDX-License-Identifier: Apache-2.0
// ResourceProvider: how CloudFormation makes the resources of a service. Each service provides its
// own types; calls go through the same rules and limits as its API. Errors carry the API's message.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/caller.h"
#include "base/result.h"
#include "machine/task.h"
#include "wire/value.h"

namespace mill::ports {

struct ResourceRequest {
    Caller caller;
    std::string type;  // "AWS::Kinesis::Stream"
    std::string logical_id;
    std::string stack_name;
    std::string stack_id;
    std::string generated_name;  // "<stack>-<logical id>-<12 random>": the name when the template
                                 // gives none
    wire::Value properties;      // intrinsics resolved
};

struct Resource {
    std::string physical_id;                      // what Ref gives
    wire::Value attributes = wire::Value::map();  // what Fn::GetAtt gives, by name
};

class ResourceProvider {
  public:
    virtual ~ResourceProvider() = default;
    virtual std::span<const std::string_view> types() const = 0;
    // The properties of such a resource whose change needs a new one, so that a change set can say
    // so beforehand.
    virtual std::span<const std::string_view> create_only(std::string_view /*type*/) const {
        return {};
    }
    // Returns once the resource is usable.
    virtual Task<Result<Resource>> create(ResourceRequest request) = 0;
    // In place. "resource.replace" when the change needs a new resource (cloudformation then
    // creates and removes).
    virtual Task<Result<Resource>> update(ResourceRequest request, std::string physical_id,
                                          wire::Value old_properties) = 0;
    // A resource that is gone already is a success.
    virtual Task<Result<void>> remove(ResourceRequest request, std::string physical_id) = 0;
};

}  // namespace mill::ports
