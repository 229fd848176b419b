// SPDX-License-Identifier: Apache-2.0
// Tags of whatever Lambda's ARNs name: functions and event source mappings.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html
#pragma once

#include <map>
#include <string>

#include "base/caller.h"
#include "machine/task.h"
#include "wire/shape.h"

namespace mill::lambda {

class Lambda;
using Tags = std::map<std::string, std::string>;

inline constexpr std::string_view tagged_resource_pattern =
    "arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:["
    "a-"
    "zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-"
    "mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-"
    "provider:[a-zA-Z0-9-_]+)";

template <auto Pointer>
constexpr wire::Member tagged_resource_member() {
    return wire::member<Pointer>("Resource")
        .required()
        .length(1, 256)
        .pattern(tagged_resource_pattern)
        .uri();
}

// ResourceNotFoundException if the ARN names nothing that is here.
Result<Tags> tags_of(Lambda& lambda, const Caller& caller, const std::string& arn);
// Durable when done.
Task<Result<void>> set_tags(Lambda& lambda, Caller caller, std::string arn, Tags tags);
// At most 50, keys of 1 to 128 characters, values of at most 256, none beginning with "aws:".
Result<void> check_tags(const Tags& tags);

}  // namespace mill::lambda
